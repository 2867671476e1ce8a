import type { Summary } from "./summarise.ts";

/** What was wanted, and what came out. */
export interface Goal {
  goal: string;
  /** NaN where who it is compared with did not take part. */
  measured: number;
  limit: number;
  is: "at least" | "at most";
  met: boolean;
}

/** Judges a summary, by medians. A goal that was not measured is not met. */
export function judgeGoals({ scenarios, ratios, aborts }: Omit<Summary, "goals">): Goal[] {
  const ratioTo = (to: string): number =>
    ratios.find((ratio) => ratio.scenario === "answers-64" && ratio.to === to)?.ratio.median ?? Number.NaN;
  const own = (scenario: string) => scenarios[scenario]?.hxp;
  const kinds = Object.values(aborts.hxp ?? {});
  const reached = sum(kinds.map((kind) => kind.reached)) / sum(kinds.map((kind) => kind.left));
  const goals: Omit<Goal, "met">[] = [
    { goal: "requests/s ÷ Portkey's, answers, 64 at a time", measured: ratioTo("portkey"), limit: 8, is: "at least" },
    {
      goal: "requests/s ÷ pass-through's, answers, 64 at a time",
      measured: ratioTo("pass-through"),
      limit: 0.6,
      is: "at least",
    },
    {
      goal: "added p50 of answers, one at a time, ms",
      measured: own("answers-1")?.addedP50.median ?? Number.NaN,
      limit: 1,
      is: "at most",
    },
    {
      goal: "added p50 of answers, open loop, ms",
      measured: own("answers-open")?.addedP50.median ?? Number.NaN,
      limit: 1,
      is: "at most",
    },
    {
      goal: "added TTFT p50 of streams, one at a time, ms",
      measured: own("streams-1")?.addedFirstByteP50.median ?? Number.NaN,
      limit: 1,
      is: "at most",
    },
    {
      goal: "added TTFT p50 of streams, open loop, ms",
      measured: own("streams-open")?.addedFirstByteP50.median ?? Number.NaN,
      limit: 1,
      is: "at most",
    },
    { goal: "aborts that reached the upstream, %", measured: reached * 100, limit: 100, is: "at least" },
  ];
  return goals.map((goal) => ({
    ...goal,
    met: goal.is === "at least" ? goal.measured >= goal.limit : goal.measured <= goal.limit,
  }));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
