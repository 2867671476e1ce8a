import type { Run } from "./measure-release.ts";
import type { SigningRun } from "./measure-signing.ts";

/** Median, least and greatest of several measurements, in milliseconds. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** What was wanted, and what came out. */
export interface Goal {
  goal: string;
  /** Milliseconds, or a ratio where `limit` is one. */
  measured: number;
  limit: number;
  met: boolean;
}

/** What a contender did, over all rounds. */
export interface Standing {
  duration: Spread;
  torn: Spread;
  /** Packages published in each round. */
  published: number;
  parts: Record<string, Spread>;
}

/** All that a bench found out. */
export interface Summary {
  contenders: Record<string, Standing>;
  signing: { sign: Spread; verify: Spread; both: Spread };
  goals: Goal[];
}

/** Condenses runs to medians and judges them against the goals. */
export function summarise(runs: readonly Run[], signing: readonly SigningRun[]): Summary {
  const names = [...new Set(runs.map(({ contender }) => contender))];
  const contenders = Object.fromEntries(
    names.map((name) => [name, condense(runs.filter(({ contender }) => contender === name))]),
  );
  const spreads = {
    sign: spreadOf(signing.map(({ signMs }) => signMs)),
    verify: spreadOf(signing.map(({ verifyMs }) => verifyMs)),
    both: spreadOf(signing.map(({ signMs, verifyMs }) => signMs + verifyMs)),
  };
  const timeOf = (name: string): number => contenders[name]?.duration.median ?? Number.NaN;
  const measured: Omit<Goal, "met">[] = [
    { goal: "time ÷ time of pnpm publish -r", measured: timeOf("hxp") / timeOf("pnpm"), limit: 1 },
    { goal: "time ÷ time of changeset publish", measured: timeOf("hxp") / timeOf("changesets"), limit: 0.25 },
    { goal: "torn window, ms", measured: contenders["hxp"]?.torn.median ?? Number.NaN, limit: 200 },
    { goal: "signing and verifying, ms", measured: spreads.both.median, limit: 500 },
  ];
  return {
    contenders,
    signing: spreads,
    goals: measured.map((goal) => ({ ...goal, met: goal.measured <= goal.limit })),
  };
}

/** Median (of an even number, the mean of the two in the middle), least and greatest. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  const median = middle.reduce((sum, value) => sum + value, 0) / middle.length;
  return { median, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}

function condense(runs: readonly Run[]): Standing {
  const parts = Object.keys(runs[0]?.parts ?? {});
  return {
    duration: spreadOf(runs.map(({ durationMs }) => durationMs)),
    torn: spreadOf(runs.map(({ tornMs }) => tornMs)),
    published: Math.min(...runs.map(({ published }) => published)),
    parts: Object.fromEntries(parts.map((part) => [part, spreadOf(runs.map((run) => run.parts?.[part] ?? 0))])),
  };
}
