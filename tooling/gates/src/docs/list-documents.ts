import { glob } from "node:fs/promises";
import { join, matchesGlob, posix } from "node:path";
import type { GateInput, GatePackage } from "../gate.ts";

/** A document to look at. */
export interface DocumentFile {
  /** Relative to the workspace, with `/`. */
  path: string;
  /** The released package that it belongs to. */
  owner?: GatePackage;
}

/** Lists the documents that the policy names, each once, ordered by path. */
export async function listDocuments({ workspace, packages, policy }: GateInput): Promise<DocumentFile[]> {
  const { files, ignore } = policy.docs;
  const folders = [{ folder: "." }, ...packages.map((owner) => ({ folder: owner.folder, owner }))];
  const found = new Map<string, DocumentFile>();
  for (const { folder, ...rest } of folders) {
    const exclude = ["node_modules/**", "**/node_modules/**"];
    // oxlint-disable-next-line no-await-in-loop -- a later folder owns what an earlier one found
    for await (const file of glob(files, { cwd: join(workspace, folder), exclude })) {
      const path = posix.join(folder, file);
      if (!ignore.some((pattern) => matchesGlob(path, pattern))) found.set(path, { path, ...rest });
    }
  }
  return [...found.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
