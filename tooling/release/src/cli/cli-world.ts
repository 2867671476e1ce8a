import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { createPlainProgress, type Progress } from "../output/progress.ts";
import { createTerminalProgress } from "../output/terminal-progress.ts";

/** The world outside of a command: its streams, its signals, its person. */
export interface CliWorld {
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** Live on a terminal, plain lines in a pipe; on standard error when standard output is for JSON. */
  progress(json: boolean): Progress;
  /** Aborted by the first SIGINT or SIGTERM; a second one ends the process. */
  readonly signal: AbortSignal;
  /** Asks for a secret; undefined where nobody can answer. */
  readonly prompt: ((question: string) => Promise<string>) | undefined;
  setExitCode(code: number): void;
  exitCode(): number;
  close(): void;
}

/** The world of this process. */
export function createWorld(): CliWorld {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Error("stopped by a signal"));
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  let code = 0;
  return {
    write,
    writeError,
    progress: (json) => {
      if (!json && process.stdout.isTTY) return createTerminalProgress(write);
      return createPlainProgress({ write: json ? writeError : write });
    },
    signal: controller.signal,
    prompt: process.stdin.isTTY ? askSecret : undefined,
    setExitCode: (value) => {
      code = value;
    },
    exitCode: () => code,
    close: () => {
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
    },
  };
}

function write(text: string): void {
  process.stdout.write(text);
}

function writeError(text: string): void {
  process.stderr.write(text);
}

/** What is typed is not shown. */
async function askSecret(question: string): Promise<string> {
  process.stderr.write(`${question}: `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await reader.question("");
  } finally {
    reader.close();
    process.stderr.write("\n");
  }
}
