import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { parseHelp, type ProgramHelp } from "./parse-help.ts";

/** Asks a program for the help of a subcommand, by its words; undefined where it gives none. */
export type ReadHelp = (file: string, path: readonly string[]) => Promise<ProgramHelp | undefined>;

/** How programs are started. */
export interface HelpOptions {
  env: NodeJS.ProcessEnv;
  /** An empty folder: a program that does more than asked does it there. */
  cwd: string;
  signal?: AbortSignal | undefined;
}

const timeoutMs = 30_000;

/** Runs programs with `--help`, each way of asking once, few at a time. */
export function createHelpReader({ env, cwd, signal }: HelpOptions): ReadHelp {
  const known = new Map<string, Promise<ProgramHelp | undefined>>();
  const acquire = createSemaphore(availableParallelism());
  const run = async (file: string, path: readonly string[]): Promise<ProgramHelp | undefined> => {
    if (!existsSync(file)) return undefined;
    const release = await acquire();
    try {
      signal?.throwIfAborted();
      const { stdout, stderr, exitCode } = await execa(process.execPath, [file, ...path, "--help"], {
        cwd,
        env: { ...env, NO_COLOR: "1", FORCE_COLOR: "0", COLUMNS: "200", NODE_COMPILE_CACHE: join(cwd, ".compiled") },
        extendEnv: false,
        stdin: "ignore",
        reject: false,
        timeout: timeoutMs,
        ...(signal === undefined ? {} : { cancelSignal: signal }),
      });
      const text = stdout.trim() === "" ? stderr : stdout;
      return exitCode === 0 && text.trim() !== "" ? parseHelp(text) : undefined;
    } finally {
      release();
    }
  };
  return (file, path) => {
    const key = JSON.stringify([file, path]);
    const result = known.get(key) ?? run(file, path);
    known.set(key, result);
    return result;
  };
}

function createSemaphore(size: number): () => Promise<() => void> {
  let free = size;
  const waiting: (() => void)[] = [];
  const release = (): void => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return async () => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    return release;
  };
}
