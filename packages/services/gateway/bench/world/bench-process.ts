import { type ChildProcess, fork, type ForkOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { HxpError } from "@hxp/errors";
import { readCpuTime, readRss } from "./read-proc.ts";

/** A process that the bench has started. Leaving its scope ends it. */
export interface BenchProcess extends AsyncDisposable {
  /** Waits for its next message; `order` is sent before. Throws COMMAND_FAILED when it ends instead. */
  ask<Answer>(order?: object | string): Promise<Answer>;
  /** Bytes of memory in use by it and its children. */
  rss(): number;
  /** Microseconds of processor time that it and its children have taken so far. */
  cpuTime(): number;
}

/** What {@link startProcess} takes. */
export interface ProcessOptions {
  /** Module to run, or the path of a program. */
  readonly file: string;
  readonly args?: readonly string[];
  /** For Node; a program has none. */
  readonly nodeArgs?: readonly string[];
  /** Of exports. Default: those under which packages of the workspace lead to their sources. */
  readonly conditions?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Where its output is kept. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Milliseconds until a process that does not end by itself is killed. */
const patience = 15_000;
const longestAnswer = 900_000;
const outputShown = 2000;

/** Starts a module in a Node of its own, with a channel for messages. It ends when the bench does. */
export function startProcess(given: ProcessOptions): BenchProcess {
  const { file, args = [], nodeArgs = [], conditions = ["@hxp/source"], env, folder, signal } = given;
  const output = join(folder, `${basename(file)}.log`);
  const descriptor = openSync(output, "a", 0o600);
  const options: ForkOptions = {
    execArgv: [...conditions.map((condition) => `--conditions=${condition}`), "--no-warnings", ...nodeArgs],
    stdio: ["ignore", descriptor, descriptor, "ipc"],
    ...(env === undefined ? {} : { env }),
  };
  const child = fork(file, args, options);
  closeSync(descriptor);
  return toProcess(child, { output, signal, end: () => child.connected && child.disconnect() });
}

/** Starts a program that is no module. It is ended by SIGTERM. */
export function startProgram({ file, args = [], folder, signal }: ProcessOptions): BenchProcess {
  const output = join(folder, `${basename(file)}.log`);
  const descriptor = openSync(output, "a", 0o600);
  const child = spawn(file, args, { stdio: ["ignore", descriptor, descriptor] });
  closeSync(descriptor);
  return toProcess(child, { output, signal, end: () => child.kill("SIGTERM") });
}

interface Ending {
  readonly output: string;
  readonly signal: AbortSignal;
  readonly end: () => void;
}

function toProcess(child: ChildProcess, { output, signal, end }: Ending): BenchProcess {
  // An error to start is followed by no exit.
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()).once("error", () => resolve()));
  return {
    ask: async <Answer>(order?: object | string): Promise<Answer> => {
      const stop = new AbortController();
      const until = AbortSignal.any([signal, stop.signal, AbortSignal.timeout(longestAnswer)]);
      if (order !== undefined) child.send(order);
      const message = once(child, "message", { signal: until }).then(([value]) => value as Answer);
      const failed = ended.then(() => Promise.reject(failure(output)));
      try {
        return await Promise.race([message, failed]);
      } finally {
        stop.abort();
      }
    },
    rss: () => readRss(child.pid),
    cpuTime: () => readCpuTime(child.pid),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      end();
      const timer = setTimeout(() => child.kill("SIGKILL"), patience);
      await ended;
      clearTimeout(timer);
    },
  };
}

function failure(output: string): HxpError {
  const said = readFileSync(output, "utf8").slice(-outputShown);
  return new HxpError("COMMAND_FAILED", `A process of the bench has ended: ${basename(output)}\n${said}`);
}
