import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Program and first arguments that run `hxp` as this process does: the same Node, the same conditions, the same package. */
export function binCommand(): [string, ...string[]] {
  const root = dirname(createRequire(import.meta.url).resolve("@hxp/cli/package.json"));
  const bin = import.meta.url.endsWith(".ts") ? "src/bin.ts" : "dist/bin.js";
  return [process.execPath, ...process.execArgv.filter(isForChildren), join(root, bin)];
}

/** An inspector has one port, and code given on the command line is this process's own. */
function isForChildren(argument: string): boolean {
  return /^(?:--conditions=|-C|--enable-source-maps|--max-old-space-size=|--no-warnings)/.test(argument);
}
