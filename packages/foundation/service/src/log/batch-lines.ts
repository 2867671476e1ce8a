import type { LogStream } from "./create-logger.ts";

/** Levels of pino from which on a line does not wait. */
const warn = 40;
/** Characters. */
const mostWaiting = 65_536;

/** What the process must still write when it exits. */
const waiting = new Set<() => void>();
let isWatching = false;

/**
 * Collects the lines of one turn of the event loop and writes them together: a server that answers many requests a turn calls
 * the system once for all of them. Warnings, and all that is worse, are written at once, with what came before them, and
 * nothing is left when the process exits.
 */
export function batchLines(stream: LogStream): LogStream {
  let text = "";
  const flush = (): void => {
    const lines = text;
    text = "";
    waiting.delete(flush);
    if (lines !== "") stream.write(lines);
  };
  const batch = {
    // So asked, pino says before each line how much it matters.
    [Symbol.for("pino.metadata")]: true,
    lastLevel: 0,
    write: (line: string): void => {
      text += line;
      if (batch.lastLevel >= warn || text.length >= mostWaiting) return flush();
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
