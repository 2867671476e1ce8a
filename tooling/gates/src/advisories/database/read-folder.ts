import { lstat, readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { HxpError } from "@hxp/errors";
import { compareText } from "../../text/compare-text.ts";
import { type SourceFile, type SourceLimits, sourceLimits } from "./read-zip.ts";

/**
 * Reads the JSON files of a folder and what is below it, ordered by path; links and names with a dot in front are left
 * out. Throws ADVISORY_SOURCE_INVALID.
 */
export async function* readFolder(folder: string, limits: SourceLimits = sourceLimits): AsyncGenerator<SourceFile> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = found
    .filter((entry) => entry.isFile() && entry.name.endsWith(".json"))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => !path.split("/").some((part) => part.startsWith(".")))
    .toSorted(compareText);
  if (paths.length > limits.files) throw tooMuch(folder, `${paths.length} files`);
  let left = limits.bytes;
  for (const path of paths) {
    const absolute = join(folder, path);
    // oxlint-disable-next-line no-await-in-loop -- one file in memory at a time
    const { size } = await lstat(absolute);
    left -= size;
    if (size > limits.fileBytes) throw tooMuch(absolute, `${size} bytes`);
    if (left < 0) throw tooMuch(folder, `more than ${limits.bytes} bytes`);
    // oxlint-disable-next-line no-await-in-loop -- one file in memory at a time
    yield { path, bytes: await readFile(absolute) };
  }
}

function tooMuch(path: string, found: string): HxpError {
  return new HxpError("ADVISORY_SOURCE_INVALID", `${path} is larger than any real source of advisories: ${found}.`);
}
