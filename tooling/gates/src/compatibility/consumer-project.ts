import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Consumer, Pin } from "./plan-consumer.ts";

/** The files of a consumer's project, by name. */
export function renderProject({ manager, dependencies, optionalDependencies, pins }: Consumer): Record<string, string> {
  const manifest = {
    name: "consumer",
    version: "1.0.0",
    private: true,
    type: "module",
    dependencies: sortKeys(dependencies),
    ...(Object.keys(optionalDependencies).length === 0 ? {} : { optionalDependencies: sortKeys(optionalDependencies) }),
    ...(manager === "npm" && pins.length > 0 ? { overrides: npmOverrides(pins) } : {}),
  };
  const overrides = pins.map(({ parent, name, spec }) => [parent === undefined ? name : `${parent}>${name}`, spec]);
  // Of what is too young, the registry of the cells says nothing; the release itself is never too young.
  const settings = {
    minimumReleaseAge: 0,
    pmOnFail: "ignore",
    ...(pins.length > 0 ? { overrides: Object.fromEntries(overrides) } : {}),
  };
  return {
    "package.json": `${JSON.stringify(manifest)}\n`,
    ...(manager === "pnpm" ? { "pnpm-workspace.yaml": `${JSON.stringify(settings)}\n` } : {}),
  };
}

/** npm nests what counts below one package only. */
function npmOverrides(pins: readonly Pin[]): Record<string, unknown> {
  const overrides: Record<string, string | Record<string, string>> = {};
  for (const { parent, name, spec } of pins) {
    if (parent === undefined) overrides[name] = spec;
    else overrides[parent] = { ...Object(overrides[parent]), [name]: spec };
  }
  return overrides;
}

/** Writes files into a folder, and makes the folder. */
export async function writeProject(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
}

function sortKeys(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
