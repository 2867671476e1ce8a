import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { createSubject, type Subject } from "../statement/statement.ts";
import { evidenceFiles } from "./evidence-folder.ts";
import { failed } from "./verification.ts";

/**
 * The files of an evidence folder that a record of it vouches for: all but the record itself, and the log's proofs, which
 * can only be made after it and carry a signature of their own. Named by their path with forward slashes, sorted. A link,
 * pipe or device is VERIFICATION_FAILED: what it leads to is not in the folder.
 */
export function readEvidenceSubjects(folder: string, record: string): Subject[] {
  const later: readonly string[] = [record, evidenceFiles.checkpoint, evidenceFiles.consistency];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile()) throw failed(path, "is not a file");
      return relative(folder, path).split(sep).join("/");
    })
    .filter((path) => !later.includes(path))
    .toSorted()
    .map((path) => createSubject(path, readFileSync(join(folder, path))));
}
