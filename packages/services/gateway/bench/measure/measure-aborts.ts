import { setTimeout as sleep } from "node:timers/promises";
import type { RunningContender } from "../contenders/contender.ts";
import { type HoldKind, holdKinds } from "../load/requests.ts";
import type { LoadOrder } from "../processes/load-process.ts";
import type { HeldCount } from "../processes/upstream-process.ts";
import type { BenchWorld } from "../world/bench-world.ts";

/** How many requests whose client left were broken off at the upstream within a second. */
export interface AbortCount {
  readonly kind: HoldKind;
  readonly left: number;
  readonly reached: number;
  /** Milliseconds until the last of them was; undefined: not all were. */
  readonly allWithinMs: number | undefined;
}

const clients = 20;
const abortTime = 1000;
const holdTime = 10_000;
const pollInterval = 5;

/** Lets 20 clients leave in each phase, and asks the upstream what it saw of that. */
export async function measureAborts(world: BenchWorld, contender: RunningContender): Promise<readonly AbortCount[]> {
  const counts: AbortCount[] = [];
  for (const kind of holdKinds) {
    // oxlint-disable-next-line no-await-in-loop -- one phase after the other
    counts.push(await measureKind(world, contender, kind));
  }
  return counts;
}

async function measureKind(
  { load, upstream }: BenchWorld,
  { destination }: RunningContender,
  kind: HoldKind,
): Promise<AbortCount> {
  await upstream.ask("reset");
  await load.ask({ do: "hold", destination, kind, count: clients } satisfies LoadOrder);
  const reachedUpstream = await pollUntil(holdTime, async () => (await upstream.ask<HeldCount>("count")).held, clients);
  const leftAt = performance.now();
  await load.ask({ do: "leave" } satisfies LoadOrder);
  const reached = await pollUntil(abortTime, async () => (await upstream.ask<HeldCount>("count")).aborted, clients);
  const took = performance.now() - leftAt;
  await upstream.ask("reset");
  return { kind, left: reachedUpstream, reached, allWithinMs: reached === clients ? took : undefined };
}

/** Asks for a number until it is `wanted` or the time is over; gives the last answer. */
async function pollUntil(ms: number, read: () => Promise<number>, wanted: number): Promise<number> {
  const giveUpAt = performance.now() + ms;
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- until it is so
    const value = await read();
    if (value >= wanted || performance.now() >= giveUpAt) return value;
    // oxlint-disable-next-line no-await-in-loop -- as above
    await sleep(pollInterval);
  }
}
