import { runCommand } from "../src/workspace/run-command.ts";
import { type BenchWorld, publishCommand } from "./bench-world.ts";
import { runRelease } from "./run-release.ts";

/** What a contender took. */
export interface Effort {
  /** Milliseconds until all packages were published. */
  durationMs: number;
  /** Milliseconds by part, where it has parts. */
  parts?: Record<string, number>;
}

/** Somebody who publishes all packages of the world to the registry that is served. */
export interface Contender {
  name: string;
  run: (world: BenchWorld) => Promise<Effort>;
}

/** All of them; the first is ours. */
export const contenders: readonly Contender[] = [
  { name: "hxp", run: releaseWithOurs },
  { name: "changesets", run: (world) => runProgram(world, ["changeset", "publish", "--no-git-tag"]) },
  { name: "pnpm", run: (world) => runProgram(world, publishCommand) },
];

/** What comes before the first upload, and the start of the process, are not counted: the others pack and start in their time. */
async function releaseWithOurs(world: BenchWorld): Promise<Effort> {
  const { durations } = await runRelease(world, "promoted");
  const { stage = 0, "read-back": readBack = 0, promote = 0 } = durations;
  return { durationMs: stage + readBack + promote, parts: { stage, "read back and verify": readBack, promote } };
}

async function runProgram({ built, env, signal }: BenchWorld, command: readonly string[]): Promise<Effort> {
  const start = performance.now();
  await runCommand(command, { cwd: built, env, signal, timeoutMs: 300_000 });
  return { durationMs: performance.now() - start };
}
