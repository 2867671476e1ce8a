import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type AppFiles, appFileNames, bundleApp } from "./bundle-app.ts";

/** The pages' program: as it was built into the package or, where the package runs from its source, bundled now. */
export async function readApp(): Promise<AppFiles> {
  if (import.meta.filename.endsWith(".ts")) return bundleApp(join(import.meta.dirname, "../.."));
  const entries = appFileNames.map((name) => [name, readFileSync(join(import.meta.dirname, "app", name), "utf8")]);
  return Object.fromEntries(entries) as AppFiles;
}
