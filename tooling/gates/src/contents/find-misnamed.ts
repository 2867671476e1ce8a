import { posix } from "node:path";
import type { FileLoad } from "./code/find-loads.ts";
import { type FileKind, isNamedAsCode } from "./file-kind.ts";
import { entryPaths, type PackedManifest } from "./packed-manifest.ts";

/** What of a file decides whether something that is loaded is named for what it is. */
export interface LoadableFile {
  path: string;
  kind: FileKind;
  /** Whether it is text, and no JSON under a name that says so. */
  isRunnable: boolean;
  /** Whether it is JavaScript that does something. */
  isCode: boolean;
  loads: readonly FileLoad[];
}

/** Finds files that the package's code, programs or entries load though they are not named as code: by path, who does. */
export function findMisnamed(
  files: readonly LoadableFile[],
  manifest: PackedManifest | undefined,
): ReadonlyMap<string, string> {
  const hidden = new Map(files.filter((file) => file.isRunnable && !isNamedAsCode(file)).map(withPath));
  const found = new Map<string, string>();
  const add = (name: string, how: FileLoad["how"], loader: { from: string; by: string }): void => {
    for (const path of [posix.normalize(name), posix.join(posix.dirname(loader.from), name)]) {
      const file = hidden.get(path);
      if (file !== undefined && (how === "run" || file.isCode) && !found.has(path)) found.set(path, loader.by);
    }
  };
  for (const { path: from, loads } of files) {
    for (const { names, how, by, line } of loads) {
      for (const name of names) add(name, how, { from, by: `${by} at ${from}:${line}` });
    }
  }
  for (const [fields, how] of entryFields) {
    for (const field of fields) {
      const names = entryPaths({ [field]: manifest?.[field] });
      for (const name of names) add(name, how, { from: "package.json", by: `${field} of package.json` });
    }
  }
  return found;
}

/** What an export, or an import, runs depends on the file's name; `main` and a program run anyhow. */
const entryFields: readonly (readonly [fields: readonly string[], how: FileLoad["how"]])[] = [
  [["main", "bin"], "run"],
  [["module", "exports", "imports", "browser"], "import"],
];

function withPath(file: LoadableFile): [string, LoadableFile] {
  return [file.path, file];
}
