import { type ContenderName, contenderNames } from "../contenders/contender.ts";
import { type HoldKind, holdKinds } from "../load/requests.ts";
import type { Measured, RoundEnd, Sample } from "../measure/measure-gateways.ts";
import { judgeGoals, type Goal } from "./goals.ts";
import { type Spread, spreadOf } from "./spread.ts";

/** How a contender met a load, over all rounds; times in milliseconds. What is added is against `direct` in the same round. */
export interface Standing {
  requestsPerSecond: Spread;
  p50: Spread;
  p99: Spread;
  addedP50: Spread;
  addedP99: Spread;
  firstByteP50: Spread;
  firstByteP99: Spread;
  addedFirstByteP50: Spread;
  addedFirstByteP99: Spread;
  /** Microseconds of processor time. */
  cpuPerRequest: Spread;
  failures: number;
}

/** Requests a second of HXP through another's, round by round. */
interface Ratio {
  scenario: string;
  to: ContenderName;
  ratio: Spread;
  /** Of the other's processor time a request through HXP's. */
  cpuRatio: Spread;
}

/** Requests whose client left, over all rounds. */
interface Aborts {
  left: number;
  reached: number;
  /** Milliseconds until the last one reached the upstream, in the worst round; none: not all did. */
  slowestMs?: number;
}

/** All that a bench found out. */
export interface Summary {
  scenarios: Record<string, Partial<Record<ContenderName, Standing>>>;
  ratios: Ratio[];
  aborts: Partial<Record<ContenderName, Record<HoldKind, Aborts>>>;
  /** Bytes after the loads. */
  rss: Partial<Record<ContenderName, Spread>>;
  goals: Goal[];
}

/** Condenses what was measured to medians, and judges it against the goals. */
export function summarise({ samples, ends }: Measured): Summary {
  const names = contenderNames.filter((name) => samples.some(({ contender }) => contender === name));
  const scenarios = [...new Set(samples.map(({ scenario }) => scenario))];
  const measured = {
    scenarios: Object.fromEntries(scenarios.map((scenario) => [scenario, standingsOf(samples, { scenario, names })])),
    ratios: scenarios
      .filter((scenario) => !scenario.endsWith("-open"))
      .flatMap((scenario) => ratiosOf(samples, { scenario, names })),
    aborts: Object.fromEntries(names.map((name) => [name, abortsOf(ends.filter((end) => end.contender === name))])),
    rss: Object.fromEntries(
      names.map((name) => [name, spreadOf(ends.filter((end) => end.contender === name).map(({ rss }) => rss))]),
    ),
  };
  return { ...measured, goals: judgeGoals(measured) };
}

interface Choice {
  readonly scenario: string;
  readonly names: readonly ContenderName[];
}

function standingsOf(
  samples: readonly Sample[],
  { scenario, names }: Choice,
): Partial<Record<ContenderName, Standing>> {
  return Object.fromEntries(
    names.map((name) => {
      const pairs = pairUp(samples, { scenario, first: name, second: "direct" });
      const spread = (read: (own: Sample, direct: Sample) => number): Spread =>
        spreadOf(pairs.map(([own, direct]) => read(own, direct)));
      const standing: Standing = {
        requestsPerSecond: spread((own) => own.requestsPerSecond),
        p50: spread((own) => own.latency.p50),
        p99: spread((own) => own.latency.p99),
        addedP50: spread((own, direct) => own.latency.p50 - direct.latency.p50),
        addedP99: spread((own, direct) => own.latency.p99 - direct.latency.p99),
        firstByteP50: spread((own) => own.firstByte.p50),
        firstByteP99: spread((own) => own.firstByte.p99),
        addedFirstByteP50: spread((own, direct) => own.firstByte.p50 - direct.firstByte.p50),
        addedFirstByteP99: spread((own, direct) => own.firstByte.p99 - direct.firstByte.p99),
        cpuPerRequest: spread((own) => own.cpuPerRequest),
        failures: pairs.reduce((sum, [own]) => sum + own.failures, 0),
      };
      return [name, standing];
    }),
  );
}

function ratiosOf(samples: readonly Sample[], { scenario, names }: Choice): Ratio[] {
  if (!names.includes("hxp")) return [];
  return names
    .filter((name) => name !== "hxp")
    .map((to) => {
      const pairs = pairUp(samples, { scenario, first: "hxp", second: to });
      const ratio = spreadOf(pairs.map(([own, other]) => own.requestsPerSecond / other.requestsPerSecond));
      const cpuRatio = spreadOf(pairs.map(([own, other]) => other.cpuPerRequest / own.cpuPerRequest));
      return { scenario, to, ratio, cpuRatio };
    });
}

interface Pairing {
  readonly scenario: string;
  readonly first: ContenderName;
  readonly second: ContenderName;
}

/** Two contenders under the same load in the same round. */
function pairUp(samples: readonly Sample[], { scenario, first, second }: Pairing): (readonly [Sample, Sample])[] {
  const of = (name: ContenderName): Sample[] =>
    samples.filter((sample) => sample.scenario === scenario && sample.contender === name);
  const others = new Map(of(second).map((sample) => [sample.round, sample]));
  return of(first).flatMap((sample) => {
    const other = others.get(sample.round);
    return other === undefined ? [] : [[sample, other] as const];
  });
}

function abortsOf(ends: readonly RoundEnd[]): Record<HoldKind, Aborts> {
  const counted = holdKinds.map((kind) => {
    const counts = ends.flatMap(({ aborts }) => aborts.filter((abort) => abort.kind === kind));
    const times = counts.map(({ allWithinMs }) => allWithinMs);
    return [
      kind,
      {
        left: counts.reduce((sum, { left }) => sum + left, 0),
        reached: counts.reduce((sum, { reached }) => sum + reached, 0),
        ...(times.every((time) => time !== undefined) ? { slowestMs: Math.max(...times) } : {}),
      },
    ] as const;
  });
  return Object.fromEntries(counted) as Record<HoldKind, Aborts>;
}
