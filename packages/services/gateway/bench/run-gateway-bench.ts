import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ContenderName } from "./contenders/contender.ts";
import { measureGateways, type Sample } from "./measure/measure-gateways.ts";
import { soak, type SoakResult } from "./measure/soak.ts";
import { type BenchOptions, readOptions, usage } from "./read-options.ts";
import { describeMachine, type Machine } from "./report/describe-machine.ts";
import { renderReport } from "./report/render-report.ts";
import { summarise, type Summary } from "./report/summarise.ts";
import { planScenarios } from "./scenarios.ts";
import { type BenchWorld, withBenchWorld } from "./world/bench-world.ts";

/** All that a bench found out, and on what. */
export interface Report extends Summary {
  measuredAt: string;
  machine: Machine;
  rounds: number;
  seconds: number;
  /** Who took part, and how it was set up. */
  contenders: Partial<Record<ContenderName, string>>;
  /** Who did not, and why. */
  skipped: Partial<Record<ContenderName, string>>;
}

/** What {@link runGatewayBench} writes to, what ends it early, and what it measures. */
export interface BenchOutput {
  readonly write: (text: string) => void;
  readonly signal: AbortSignal;
  /** Module that serves HXP. Default: with stores in memory, for this package may not know a database. */
  readonly hxpProcess?: string;
}

/** `pnpm bench gateway`: measures, prints, and returns the exit code. A contender that breaks down is an error. */
export async function runGatewayBench(args: readonly string[], output: BenchOutput): Promise<number> {
  const options = readOptions(args);
  if (options.help) {
    output.write(usage);
    return 0;
  }
  return options.soak === undefined ? compare(options, output) : runSoak(options, options.soak, output);
}

async function compare(options: BenchOptions, output: BenchOutput): Promise<number> {
  const { rounds, seconds, rate, loads } = options;
  const scenarios = planScenarios(rate).filter(({ name }) => loads.includes(name));
  const begun = { measuredAt: new Date().toISOString(), machine: describeMachine(), rounds, seconds };
  const report = await withBenchWorld(worldOptions(options, output), async (world): Promise<Report> => {
    tellSkipped(world, output);
    const onSample = (sample: Sample): void => output.write(`  ${renderSample(sample)}\n`);
    const measured = await measureGateways(world, { scenarios, rounds, seconds, onSample });
    const contenders = Object.fromEntries(Array.from(world.running, ([name, { about }]) => [name, about]));
    return { ...begun, contenders, skipped: Object.fromEntries(world.skipped), ...summarise(measured) };
  });
  output.write(`\n${renderReport(report, scenarios)}`);
  writeJson(options, report);
  return options.check && report.goals.some(({ met }) => !met) ? goalMissed : 0;
}

const goalMissed = 14;
const driftAllowed = 5;
const memoryAllowed = 200_000_000;

async function runSoak(options: BenchOptions, seconds: number, output: BenchOutput): Promise<number> {
  const { rate: ratePerSecond } = options;
  const onSample: Parameters<typeof soak>[1]["onSample"] = ({ at, requests, failures, rss }) =>
    output.write(`  ${at} s: ${requests} requests, ${failures} failures, ${megabytes(rss)} MB\n`);
  const result = await withBenchWorld(worldOptions({ ...options, only: ["hxp"] }, output), (world) =>
    soak(world, { seconds, ratePerSecond, onSample }),
  );
  output.write(`\n${renderSoak(result)}\n`);
  writeJson(options, { measuredAt: new Date().toISOString(), machine: describeMachine(), ...result });
  const isMet = Math.abs(result.driftPercent) <= driftAllowed && result.maxRss <= memoryAllowed;
  return options.check && !isMet ? goalMissed : 0;
}

function renderSoak({ seconds, requests, failures, maxRss, driftPercent }: SoakResult): string {
  return (
    `${requests} requests in ${seconds} s, ${failures} failures; RSS at most ${megabytes(maxRss)} MB, ` +
    `drift after the warm-up ${driftPercent >= 0 ? "+" : ""}${driftPercent.toFixed(1)} %`
  );
}

function worldOptions(options: BenchOptions, { signal, hxpProcess }: BenchOutput) {
  return { ...options, signal, hxpProcess: hxpProcess ?? join(import.meta.dirname, "processes/hxp-process.ts") };
}

function tellSkipped({ skipped }: BenchWorld, { write }: BenchOutput): void {
  for (const [name, why] of skipped) write(`\n!!! ${name} does not take part: ${why}\n\n`);
}

function renderSample({ round, scenario, contender, failures, ...sample }: Sample): string {
  const { requestsPerSecond, latency, cpuPerRequest } = sample;
  const failed = failures === 0 ? "" : `, ${failures} FAILURES`;
  return `round ${round}, ${scenario}, ${contender}: ${requestsPerSecond.toFixed(0)}/s, p50 ${latency.p50.toFixed(2)} ms, CPU ${cpuPerRequest.toFixed(0)} µs${failed}`;
}

function writeJson({ json }: BenchOptions, result: object): void {
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(result, null, 2)}\n`);
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
