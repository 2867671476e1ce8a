import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, vi } from "vitest";

const bin = fileURLToPath(new URL("../../src/bin.ts", import.meta.url));

/** What a command is run with. */
export interface HxpOptions {
  cwd: string;
  variables?: Record<string, string>;
}

/** A run of the real program. */
export interface RunningHxp {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Waits until it has ended; its exit code, or the signal that ended it. */
  ended(): Promise<number | NodeJS.Signals | null>;
  signal(name: NodeJS.Signals): void;
}

/** Starts the real program in a folder that is its home, too. It is killed after the test. */
export function startHxp(args: readonly string[], { cwd, variables = {} }: HxpOptions): RunningHxp {
  const child = spawn(process.execPath, ["--conditions=@hxp/source", bin, ...args], {
    cwd,
    env: { PATH: process.env["PATH"], HOME: cwd, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => void (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (stderr += text));
  const exit = once(child, "exit");
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await exit;
  });
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    ended: async () => {
      await exit;
      return child.exitCode ?? child.signalCode;
    },
    signal: (name) => void child.kill(name),
  };
}

/** Runs the real program to its end. */
export async function runHxp(args: readonly string[], options: HxpOptions) {
  const hxp = startHxp(args, options);
  const [exitCode] = await Promise.all([hxp.ended(), once(hxp.child, "close")]);
  return { exitCode, stdout: hxp.stdout(), stderr: hxp.stderr() };
}

/** What `hxp up --json` prints. */
export interface Up {
  url: string;
  probe: string;
  key?: string;
  models: string[];
  questions?: { model: string; questions: string[] };
  data: string;
  startedInMs: number;
}

/** Waits for `hxp up --json` to be ready. */
export async function waitForUp(hxp: RunningHxp): Promise<Up> {
  await waitForText(hxp, /^\}\n/m);
  return JSON.parse(hxp.stdout()) as Up;
}

/** Waits for a text on standard output; what the program wrote stands in the error when it ends before. */
export async function waitForText(hxp: RunningHxp, text: RegExp): Promise<void> {
  await vi.waitFor(
    () => {
      if (hxp.child.exitCode !== null) expect.fail(`hxp ended: ${hxp.stderr()}\n${hxp.stdout()}`);
      expect(hxp.stdout()).toMatch(text);
    },
    { timeout: 50_000, interval: 50 },
  );
}

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
