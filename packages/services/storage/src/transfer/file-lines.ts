import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { HxpError } from "@hxp/errors";

const longestLine = 1_000_000;

/**
 * The lines of a file, without their ends. Not `node:readline`, which ends lines within texts that hold U+2028.
 * Throws STORAGE_EXPORT_INVALID when the file cannot be read, or a line is longer than any record.
 */
export async function* readFileLines(path: string): AsyncGenerator<string> {
  let rest = "";
  try {
    for await (const chunk of createReadStream(path, "utf8")) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > longestLine) throw new Error("a line is longer than any record");
      yield* lines;
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new HxpError("STORAGE_EXPORT_INVALID", `The export's file ${path} cannot be read: ${reason}.`, {
      cause: error,
    });
  }
  if (rest !== "") throw new HxpError("STORAGE_EXPORT_INVALID", `The export's file ${path} ends within a line.`);
}

/** How many lines a file has, and its digest. Throws STORAGE_EXPORT_INVALID as {@link readFileLines} does. */
export async function digestFile(path: string): Promise<{ rows: number; sha256: string }> {
  const hash = createHash("sha256");
  let rows = 0;
  for await (const line of readFileLines(path)) {
    hash.update(`${line}\n`);
    rows += 1;
  }
  return { rows, sha256: hash.digest("hex") };
}
