import type { LogStream } from "./create-logger.ts";

/** Levels of pino from which on a line does not wait. */
const warn = 40;
/** Bytes that are written together: of so many, a pipe that several processes write to keeps the lines whole. */
const mostTogether = 4096;

/** What the process must still write when it exits. */
const waiting = new Set<() => void>();
let isWatching = false;

/**
 * Collects the lines of one turn of the event loop and writes them together: a server that answers many requests a turn calls
 * the system once for many of them. Warnings, and all that is worse, are written at once, with what came before them, and so
 * is everything when the process exits. What kills it, such as SIGKILL or a fault in native code, takes the turn's lines along.
 */
export function batchLines(stream: LogStream): LogStream {
  let text = "";
  let bytes = 0;
  const flush = (): void => {
    const lines = text;
    text = "";
    bytes = 0;
    waiting.delete(flush);
    if (lines !== "") stream.write(lines);
  };
  const batch = {
    // So asked, pino says before each line how much it matters.
    [Symbol.for("pino.metadata")]: true,
    lastLevel: 0,
    write: (line: string): void => {
      const size = Buffer.byteLength(line);
      if (bytes + size > mostTogether) flush();
      text += line;
      bytes += size;
      if (batch.lastLevel >= warn || bytes > mostTogether) return flush();
      if (waiting.has(flush)) return;
      waiting.add(flush);
      setImmediate(flush);
      flushAtExit();
    },
  };
  return batch;
}

function flushAtExit(): void {
  if (isWatching) return;
  isWatching = true;
  process.on("exit", () => waiting.forEach((flush) => flush()));
}
