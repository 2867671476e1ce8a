import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import type { JournalRecord } from "../../src/journal/journal.ts";
import type { TestWorkspace } from "./workspace.ts";
import { serveInProcess } from "./in-process.ts";
import { type KillPoint, killRelease, releaseInProcess } from "./kill-lab.ts";
import { findUnended, type Outcome, readOutcome, readRecords } from "./outcome.ts";

/** What {@link sweep} takes. */
export interface SweepOptions {
  /** The workspace before the command that is killed; it is copied for each point. */
  readonly from: TestWorkspace;
  readonly points: readonly KillPoint[];
  /** How it must end. */
  readonly outcome: Outcome;
  readonly args?: readonly string[];
  /** Whether the registry dies with the command, or lives on in another process. */
  readonly registry: "embedded" | "served";
}

/**
 * Kills a command at each point, each time in a new copy, two at a time; runs it again undisturbed; and compares what is
 * where. Says at which points that was not as it must be.
 */
export async function sweep(options: SweepOptions): Promise<string[]> {
  const failures: string[] = [];
  const queue = options.points.values();
  const work = async (): Promise<void> => {
    for (const { point, what } of queue) {
      try {
        await converge([point], options);
      } catch (error) {
        failures.push(`${point} (${what}): ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  await Promise.all([work(), work()]);
  return failures;
}

/** Kills a command at points, one after the other, each time it is run again; then lets it end, and checks all of it. */
export async function converge(points: readonly string[], options: Omit<SweepOptions, "points">): Promise<void> {
  const { from, outcome, args, registry } = options;
  const workspace = from.copy();
  const killedAt: number[] = [];
  const records = (): readonly JournalRecord[] => readRecords(workspace);
  {
    await using _served = registry === "served" ? await serveInProcess(workspace.folder) : undefined;
    for (const point of points) {
      await killRelease(workspace, point, args);
      killedAt.push(records().length);
    }
    await releaseInProcess(workspace, args);
  }
  await using served = await serveInProcess(workspace.folder);
  assert.deepEqual(await readOutcome(workspace, served), outcome);
  checkJournal(records(), killedAt.at(-1) ?? 0);
  rmSync(workspace.repository, { recursive: true, force: true });
}

/** What began and did not end was cut off by the kill, and no version was published, and no release ended, twice. */
function checkJournal(records: readonly JournalRecord[], killedAt: number): void {
  const unexplained = findUnended(records).filter(({ sequence }) => sequence >= killedAt);
  assert.deepEqual(unexplained, [], "effects that began after the last kill and did not end");
  const done = records
    .filter(({ kind, phase }) => (kind === "publish" && phase === "after") || kind === "released")
    .map(({ kind, release, target }) => `${kind} ${target} ${release}`);
  assert.deepEqual(done, [...new Set(done)], "done twice");
}
