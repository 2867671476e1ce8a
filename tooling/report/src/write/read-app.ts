import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AppFiles } from "./bundle-app.ts";

const fileNames = ["app.js", "app.css", "app-licences.txt"] as const satisfies readonly (keyof AppFiles)[];

/** The pages' program: as it was built into the package or, where the package runs from its source, bundled now. */
export async function readApp(): Promise<AppFiles> {
  if (import.meta.filename.endsWith(".ts")) return bundleFromSource();
  const entries = fileNames.map((name) => [name, readFileSync(join(import.meta.dirname, "app", name), "utf8")]);
  return Object.fromEntries(entries) as AppFiles;
}

interface Bundler {
  bundleApp: (packageFolder: string) => Promise<AppFiles>;
}

/** Named so that no bundler follows it: what is published has no use for a bundler. */
async function bundleFromSource(): Promise<AppFiles> {
  const module = new URL("bundle-app.ts", import.meta.url);
  const { bundleApp } = (await import(module.href)) as Bundler;
  return bundleApp(join(import.meta.dirname, "../.."));
}
