import type { LoadResult } from "../load/recorder.ts";
import type { RunningContender } from "../contenders/contender.ts";
import { spreadOf } from "../report/spread.ts";
import type { BenchWorld } from "../world/bench-world.ts";
import { putLoad } from "./measure-gateways.ts";

/** Memory after a part of a soak. */
interface SoakSample extends Pick<LoadResult, "requests" | "failures"> {
  /** Seconds since the beginning. */
  readonly at: number;
  /** Bytes. */
  readonly rss: number;
}

/** What a soak has shown. */
export interface SoakResult {
  readonly seconds: number;
  readonly ratePerSecond: number;
  readonly samples: readonly SoakSample[];
  readonly requests: number;
  readonly failures: number;
  /** Greatest, in bytes. */
  readonly maxRss: number;
  /** Change of memory after the warm-up, in per cent of what it was then. */
  readonly driftPercent: number;
}

/** What {@link soak} takes. */
export interface SoakOptions {
  readonly seconds: number;
  readonly ratePerSecond: number;
  readonly onSample: (sample: SoakSample) => void;
}

/** Seconds of one part. */
const interval = 10;
/** Share of the time that is warm-up: caches and the compiler's code grow in it. */
const warmUpShare = 0.2;

/** Puts a steady load of answers and streams on HXP alone, and looks at its memory every 10 s. */
export async function soak(world: BenchWorld, options: SoakOptions): Promise<SoakResult> {
  const { seconds, ratePerSecond, onSample } = options;
  const contender = world.running.get("hxp");
  if (contender === undefined) throw new TypeError("A soak is of HXP");
  const samples: SoakSample[] = [];
  const beganAt = performance.now();
  for (let passed = 0; passed < seconds; passed += interval) {
    // oxlint-disable-next-line no-await-in-loop -- part after part
    const sample = await runPart(world, contender, { ratePerSecond, seconds: Math.min(interval, seconds - passed) });
    const timed = { ...sample, at: Math.round((performance.now() - beganAt) / 1000) };
    samples.push(timed);
    onSample(timed);
  }
  return { seconds, ratePerSecond, samples, ...condense(samples) };
}

async function runPart(
  world: BenchWorld,
  contender: RunningContender,
  { ratePerSecond, seconds }: Pick<SoakOptions, "ratePerSecond" | "seconds">,
): Promise<Omit<SoakSample, "at">> {
  const { requests, failures } = await putLoad(world, contender, {
    kinds: ["answer", "stream"],
    shape: { ratePerSecond },
    seconds,
  });
  return { requests, failures, rss: contender.process.rss() };
}

function condense(samples: readonly SoakSample[]): Omit<SoakResult, "seconds" | "ratePerSecond" | "samples"> {
  return {
    requests: samples.reduce((sum, { requests }) => sum + requests, 0),
    failures: samples.reduce((sum, { failures }) => sum + failures, 0),
    maxRss: Math.max(...samples.map(({ rss }) => rss)),
    driftPercent: driftOf(samples.map(({ rss }) => rss)),
  };
}

/** From the first third after the warm-up to the last one, by their medians: a collection that is due is no drift. */
export function driftOf(values: readonly number[]): number {
  const warm = values.slice(Math.floor(values.length * warmUpShare));
  const third = Math.max(1, Math.floor(warm.length / 3));
  const [first, last] = [spreadOf(warm.slice(0, third)).median, spreadOf(warm.slice(-third)).median];
  return (last / first - 1) * 100;
}
