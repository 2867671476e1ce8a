import { stat } from "node:fs/promises";
import { HxpError } from "@hxp/errors";
import { type OsvEntry, parseOsvEntry } from "../database/osv-entry.ts";
import { readFolder } from "../database/read-folder.ts";

/** Reads the advisories that a workspace publishes about its own packages: a folder of files in the OSV format. Throws FILE_UNREADABLE, ADVISORY_SOURCE_INVALID. */
export async function readAdvisoryFiles(folder: string): Promise<OsvEntry[]> {
  const isFolder = await stat(folder).then(
    (status) => status.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new HxpError("FILE_UNREADABLE", `${folder} is no folder that can be read.`);
  const entries: OsvEntry[] = [];
  for await (const file of readFolder(folder)) entries.push(parseOsvEntry(file));
  return entries;
}
