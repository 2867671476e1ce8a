import { createRequire } from "node:module";

/** Version of the package @hxp/cli. */
export function readVersion(): string {
  const manifest = createRequire(import.meta.url)("@hxp/cli/package.json") as { version: string };
  return manifest.version;
}
