import { z } from "zod";
import type { PackedFile } from "../archive/read-package-tarball.ts";

const texts = z.record(z.string(), z.string()).optional();

const manifestSchema = z.looseObject({
  name: z.string(),
  version: z.string(),
  type: z.string().optional(),
  main: z.string().optional(),
  module: z.string().optional(),
  types: z.string().optional(),
  typings: z.string().optional(),
  bin: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
  files: z.array(z.string()).optional(),
  scripts: texts,
  engines: texts,
  dependencies: texts,
  optionalDependencies: texts,
  peerDependencies: texts,
  peerDependenciesMeta: z.record(z.string(), z.looseObject({ optional: z.boolean().optional() })).optional(),
  devDependencies: texts,
});

/** The package.json of a tarball: the keys that are looked at have the right types, the others are as they came. */
export type PackedManifest = z.output<typeof manifestSchema>;

/** Reads the package.json of a tarball; a text says what is wrong with it. */
export function readPackedManifest(files: readonly PackedFile[]): PackedManifest | string {
  const file = files.find(({ path }) => path === "package.json");
  if (file === undefined) return "The tarball has no package.json.";
  const json = parseJson(new TextDecoder().decode(file.bytes));
  if (json === undefined) return "package.json is not JSON.";
  const parsed = manifestSchema.safeParse(json);
  return parsed.success ? parsed.data : `package.json is not a manifest: ${z.prettifyError(parsed.error)}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The paths that a manifest's entry points name, without a leading `./`; patterns keep their `*`. */
export function entryPaths(manifest: Readonly<Record<string, unknown>>): string[] {
  const fields = ["main", "module", "types", "typings", "bin", "exports", "imports", "browser", "man"];
  return fields.flatMap((field) => targetsOf(manifest[field])).map((path) => path.replace(/^\.\//, ""));
}

/** Every text in a nested value of conditions and fallbacks. */
function targetsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(targetsOf);
}

/** Whether a package can be imported; one with nothing but bins cannot. */
export function isImportable(manifest: PackedManifest): boolean {
  const hasEntry = ["exports", "main", "module"].some((field) => manifest[field] !== undefined);
  return hasEntry || manifest.bin === undefined;
}
