import type { SurfaceImport } from "./read-surface.ts";

/** What the module of {@link renderImportScript} says of one import, as JSON on its last line. */
export interface ImportReport {
  specifier: string;
  message?: string;
}

/**
 * A module that takes each export as a consumer would, and says which could not be had. Code is run, JSON is read, of
 * anything else the file must be there. With `without`, packages of these names cannot be found, as where an optional
 * peer is not installed.
 */
export function renderImportScript(imports: readonly SurfaceImport[], without: readonly string[] = []): string {
  return `import * as modules from "node:module";
import { existsSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
const require = modules.createRequire(import.meta.url);
const without = ${JSON.stringify(without)};
if (without.length > 0) modules.registerHooks({
  resolve(specifier, context, next) {
    if (without.some((name) => specifier === name || specifier.startsWith(name + "/"))) {
      throw Object.assign(new Error("Cannot find package '" + specifier + "', an optional peer"), { code: context.conditions.includes("import") ? "ERR_MODULE_NOT_FOUND" : "MODULE_NOT_FOUND" });
    }
    return next(specifier, context);
  },
});
function find(specifier) {
  try { return [fileURLToPath(import.meta.resolve(specifier)), "import"]; }
  catch (error) {
    try { return [require.resolve(specifier), "require"]; } catch { throw error; }
  }
}
async function take({ specifier, hasRequire }) {
  const [path, how] = find(specifier);
  const kind = extname(path);
  if (how === "require" || kind === ".node") return void require(specifier);
  if (kind === ".json") await import(specifier, { with: { type: "json" } });
  else if (["", ".js", ".mjs", ".cjs"].includes(kind)) await import(specifier);
  else if (!existsSync(path)) throw new Error("There is no file " + path);
  if (hasRequire) require(specifier);
}
const reports = [];
for (const entry of ${JSON.stringify(imports)}) {
  try {
    await take(entry);
    reports.push({ specifier: entry.specifier });
  } catch (error) {
    reports.push({ specifier: entry.specifier, message: String(error?.stack ?? error).slice(0, 2000) });
  }
}
process.stdout.write("\\n" + JSON.stringify(reports) + "\\n", () => process.exit(0));
`;
}
