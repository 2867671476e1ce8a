import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** How `writeFileDurably` names a file that is not yet in its place. */
const unfinished = /\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/** Removes what a process that died had begun to write into a folder, and into those below it. For whoever holds the lease. */
export function removeUnfinishedFiles(folder: string): void {
  for (const entry of listIfThere(folder)) {
    if (entry.isFile() && unfinished.test(entry.name)) rmSync(join(entry.parentPath, entry.name), { force: true });
  }
}

function listIfThere(folder: string) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
