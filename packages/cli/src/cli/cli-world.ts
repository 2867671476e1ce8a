import type { Variables } from "@hxp/config";
import { createProgress, type Progress } from "../output/progress.ts";

/** The world outside of a command: its streams, its signals, its folder and variables. */
export interface CliWorld {
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** What goes on, on standard error: one live line on a terminal, plain lines in a pipe. */
  readonly progress: Progress;
  /** Whether standard error is a terminal. */
  readonly isTerminal: boolean;
  readonly variables: Variables;
  /** Absolute; relative paths of the command line begin here. */
  readonly cwd: string;
  /** Aborted by the first SIGINT or SIGTERM; a second one ends the process. */
  readonly signal: AbortSignal;
  setExitCode(code: number): void;
  exitCode(): number;
  close(): void;
}

/** As shells say it of a program that SIGINT ended. */
export const stoppedExitCode = 130;

/** The world of this process. */
export function createWorld(): CliWorld {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(stoppedExitCode);
    controller.abort(new Error("stopped by a signal"));
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  // A reader that has seen enough, such as head, is no error.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", ignoreClosedPipe);
  let code = 0;
  return {
    write: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
    progress: createProgress({
      write: (text) => void process.stderr.write(text),
      isTerminal: process.stderr.isTTY,
      columns: () => process.stderr.columns,
    }),
    isTerminal: process.stderr.isTTY,
    variables: process.env,
    cwd: process.cwd(),
    signal: controller.signal,
    setExitCode: (value) => {
      code = value;
    },
    exitCode: () => code,
    close: () => {
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
      for (const stream of [process.stdout, process.stderr]) stream.off("error", ignoreClosedPipe);
    },
  };
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
