import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import type { GuideHome } from "./guide-home.ts";

/** What a block wrote, and how it ended. */
export interface Result {
  readonly output: string;
  readonly exitCode: number | null;
}

/** A block that runs until the guide stops it. */
export interface Background {
  output(): string;
  /** Ctrl-C; the exit code. */
  stop(): Promise<number | null>;
}

/** Runs a block as a shell would that stays open: variables are there for the blocks that come after it. */
export async function runShell(home: GuideHome, block: string): Promise<Result> {
  const child = startShell(home, `${block}\nexport -p >"$GUIDE_STATE"`);
  const [exitCode] = (await child.ended) as [number | null];
  return { output: child.output(), exitCode };
}

/** Starts a block and waits until it has written a text. */
export async function startBackground(home: GuideHome, block: string, until: string): Promise<Background> {
  const child = startShell(home, block);
  await vi.waitFor(
    () => {
      if (child.output().includes(until)) return;
      throw new Error(`"${until}" was not written:\n${child.output()}`);
    },
    { timeout: 50_000, interval: 50 },
  );
  return {
    output: child.output,
    stop: async () => {
      child.signal("SIGINT");
      const [exitCode] = (await child.ended) as [number | null];
      return exitCode;
    },
  };
}

/** A process group of its own, as a terminal makes one: Ctrl-C reaches all of it. It is killed after the test. */
function startShell({ folder, env, onFinished }: GuideHome, block: string) {
  const state = join(folder, ".state");
  if (!existsSync(state)) writeFileSync(state, "");
  const script = `source "$GUIDE_STATE"\nset -a\n${block}`;
  const child = spawn("bash", ["-euo", "pipefail", "-c", script], {
    cwd: folder,
    env: { ...env, GUIDE_STATE: state },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => void (output += text));
  }
  const ended = once(child, "close");
  const signal = (name: NodeJS.Signals): void => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    process.kill(-child.pid, name);
  };
  onFinished(async () => {
    signal("SIGKILL");
    await ended;
  });
  return { output: () => output, ended, signal };
}
