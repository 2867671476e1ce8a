import { readdirSync, readFileSync } from "node:fs";
import { execa } from "execa";
import { HxpError } from "@hxp/errors";

/** What a command took. */
export interface Effort {
  /** Milliseconds from its start to its end. */
  durationMs: number;
  /** Sum of the largest resident sets of the command and its children, in bytes, as seen every 25 ms. */
  peakBytes: number;
  stdout: string;
}

/** Runs a command and watches its memory. Throws COMMAND_FAILED where it does not end with 0. */
export async function runMeasured(
  command: readonly string[],
  { cwd, env, signal }: { cwd: string; env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<Effort> {
  const [file = "", ...args] = command;
  const started = performance.now();
  const child = execa(file, args, {
    cwd,
    env,
    extendEnv: false,
    cancelSignal: signal,
    reject: false,
    maxBuffer: 1_000_000_000,
    stdin: "ignore",
  });
  const peaks = new Map<number, number>();
  const look = (): void => {
    if (child.pid === undefined) return;
    for (const pid of familyOf(child.pid)) {
      const peak = peakOf(pid);
      if (peak !== undefined) peaks.set(pid, peak);
    }
  };
  const timer = setInterval(look, 25);
  const result = await child.finally(() => clearInterval(timer));
  const durationMs = performance.now() - started;
  if (result.failed) {
    signal.throwIfAborted();
    throw new HxpError("COMMAND_FAILED", `\`${command.slice(0, 3).join(" ")}\` failed: ${result.stderr.slice(-2000)}`);
  }
  return { durationMs, peakBytes: [...peaks.values()].reduce((sum, peak) => sum + peak, 0), stdout: result.stdout };
}

function familyOf(pid: number): number[] {
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8")
        .split(" ")
        .filter((entry) => entry !== "")
        .map(Number),
    );
    return [pid, ...children.flatMap((entry) => familyOf(entry))];
  } catch {
    // It ended while it was looked at.
    return [];
  }
}

function peakOf(pid: number): number | undefined {
  try {
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}
