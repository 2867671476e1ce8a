import type { ContenderName, RunningContender } from "../contenders/contender.ts";
import type { LoadResult } from "../load/recorder.ts";
import type { Load } from "../load/run-load.ts";
import type { LoadOrder } from "../processes/load-process.ts";
import type { Scenario } from "../scenarios.ts";
import type { BenchWorld } from "../world/bench-world.ts";
import { type AbortCount, measureAborts } from "./measure-aborts.ts";

/** One load on one contender in one round. */
export interface Sample extends LoadResult {
  readonly round: number;
  readonly scenario: string;
  readonly contender: ContenderName;
  /** Microseconds of the contender's processor time a request: hardly depends on what else the machine does. */
  readonly cpuPerRequest: number;
}

/** What a contender was besides fast, in one round. */
export interface RoundEnd {
  readonly round: number;
  readonly contender: ContenderName;
  /** Bytes in use after all loads of the round. */
  readonly rss: number;
  readonly aborts: readonly AbortCount[];
}

/** All that was measured. */
export interface Measured {
  readonly samples: readonly Sample[];
  readonly ends: readonly RoundEnd[];
}

/** What {@link measureGateways} takes. */
export interface MeasureOptions {
  readonly scenarios: readonly Scenario[];
  readonly rounds: number;
  /** Of each load. */
  readonly seconds: number;
  readonly onSample: (sample: Sample) => void;
}

/**
 * Gives every load to every contender in each round. The contenders of a load come one right after the other, and who is
 * first moves on by one each time, so that what else the machine does meets all of them.
 */
export async function measureGateways(world: BenchWorld, options: MeasureOptions): Promise<Measured> {
  const samples: Sample[] = [];
  const ends: RoundEnd[] = [];
  const contenders = [...world.running];
  await warmUp(world, contenders, options);
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const [index, scenario] of options.scenarios.entries()) {
      for (const [name, contender] of rotate(contenders, round + index)) {
        // oxlint-disable-next-line no-await-in-loop -- one at a time is the point
        const result = await putMeasuredLoad(world, contender, { ...scenario, seconds: options.seconds });
        const sample = { round, scenario: scenario.name, contender: name, ...result };
        samples.push(sample);
        options.onSample(sample);
      }
    }
    for (const [name, contender] of contenders) {
      const rss = contender.process.rss();
      // oxlint-disable-next-line no-await-in-loop -- as above
      ends.push({ round, contender: name, rss, aborts: await measureAborts(world, contender) });
    }
  }
  return { samples, ends };
}

/** Puts one load on a contender. */
export function putLoad(
  { load }: BenchWorld,
  { destination }: RunningContender,
  { kinds, shape, seconds }: Pick<Load, "kinds" | "shape" | "seconds">,
): Promise<LoadResult> {
  const order: LoadOrder = { do: "load", load: { destination, kinds, shape, seconds } };
  return load.ask<LoadResult>(order);
}

async function putMeasuredLoad(
  world: BenchWorld,
  contender: RunningContender,
  load: Pick<Load, "kinds" | "shape" | "seconds">,
): Promise<LoadResult & Pick<Sample, "cpuPerRequest">> {
  const before = contender.process.cpuTime();
  const result = await putLoad(world, contender, load);
  return { ...result, cpuPerRequest: (contender.process.cpuTime() - before) / result.total };
}

const warmUpSeconds = 3;

/** Lets compilers see the hot paths before anything counts. */
async function warmUp(
  world: BenchWorld,
  contenders: readonly (readonly [ContenderName, RunningContender])[],
  { seconds }: MeasureOptions,
): Promise<void> {
  for (const [, contender] of contenders) {
    const load = { kinds: ["answer", "stream"], shape: { concurrency: 32 }, seconds: Math.min(seconds, warmUpSeconds) };
    // oxlint-disable-next-line no-await-in-loop -- one at a time is the point
    await putLoad(world, contender, load as Pick<Load, "kinds" | "shape" | "seconds">);
  }
}

function rotate<T>(values: readonly T[], by: number): readonly T[] {
  const from = by % values.length;
  return [...values.slice(from), ...values.slice(0, from)];
}
