/** Tells a person what goes on. */
export interface Progress {
  /** Says something that stays. */
  say(text: string): void;
  /** Says how far something is: on a terminal in place of the last such line, in a pipe every few seconds. */
  show(text: string): void;
  /** Takes the live line away. */
  clear(): void;
}

/** What a progress writes to. */
export interface ProgressOptions {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  /** Width of the terminal in characters. */
  readonly columns?: () => number | undefined;
  readonly clock?: () => number;
}

const plainIntervalMs = 5_000;

/** A live line on a terminal; plain lines, now and then, elsewhere. */
export function createProgress({ write, isTerminal, columns, clock = Date.now }: ProgressOptions): Progress {
  return isTerminal ? createLiveProgress(write, columns ?? (() => undefined)) : createPlainProgress(write, clock);
}

function createLiveProgress(write: (text: string) => void, columns: () => number | undefined): Progress {
  let shown = "";
  const erase = "\r\u001B[2K";
  return {
    say: (text) => {
      write(`${shown === "" ? "" : erase}${text}\n${shown}`);
    },
    show: (text) => {
      // A line that wraps could not be taken back. Some terminals say that they have no columns.
      shown = text.slice(0, Math.max(20, (columns() || 80) - 1));
      write(`${erase}${shown}`);
    },
    clear: () => {
      if (shown !== "") write(erase);
      shown = "";
    },
  };
}

function createPlainProgress(write: (text: string) => void, clock: () => number): Progress {
  let last = { text: "", at: Number.NEGATIVE_INFINITY };
  return {
    say: (text) => write(`${text}\n`),
    show: (text) => {
      if (text === last.text || clock() - last.at < plainIntervalMs) return;
      last = { text, at: clock() };
      write(`${text}\n`);
    },
    clear: () => {
      last = { text: "", at: Number.NEGATIVE_INFINITY };
    },
  };
}
