import { createReadStream } from "node:fs";

/** A line of a file, without its line break. */
export interface FileLine {
  text: string;
  /** From 1. */
  number: number;
  /** Where it begins, in bytes. */
  offset: number;
  /** Whether a line break ends it. Without one, the writer was interrupted, or somebody cut the file. */
  isWhole: boolean;
}

/** No record is longer; what is, is read as several lines that are none. */
const maxLineBytes = 1024 * 1024;

/** Reads a file line by line, in memory for one line at most. */
export async function* readLines(path: string): AsyncGenerator<FileLine> {
  let rest: Buffer = Buffer.alloc(0);
  let [number, offset] = [1, 0];
  const take = (bytes: Buffer, isWhole: boolean): FileLine => {
    const line = { text: bytes.toString("utf8"), number, offset, isWhole };
    number += 1;
    offset += bytes.length + (isWhole ? 1 : 0);
    return line;
  };
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    let start = 0;
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10, start)) {
      yield take(rest.subarray(start, end), true);
      start = end + 1;
    }
    rest = rest.subarray(start);
    if (rest.length <= maxLineBytes) continue;
    yield take(rest, false);
    rest = Buffer.alloc(0);
  }
  if (rest.length > 0) yield take(rest, false);
}
