import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { createSubject, type Subject } from "../statement/statement.ts";
import { evidenceFiles } from "./evidence-folder.ts";

/**
 * The files of an evidence folder that a record of it vouches for: all but the record itself, and the log's proofs, which
 * can only be made after it and carry a signature of their own. Named by their path with forward slashes, sorted.
 */
export function readEvidenceSubjects(folder: string, record: string): Subject[] {
  const later: readonly string[] = [record, evidenceFiles.checkpoint, evidenceFiles.consistency];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => !later.includes(path))
    .toSorted()
    .map((path) => createSubject(path, readFileSync(join(folder, path))));
}
