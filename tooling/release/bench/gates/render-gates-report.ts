import { renderTable } from "../../src/output/render-table.ts";
import type { GatesReport, Measurement } from "./run-gates-bench.ts";

/** A goal of the gates' speed, and what was measured. */
export interface GatesGoal {
  goal: string;
  measured: number;
  limit: number;
  met: boolean;
}

const everything = "hxp, all static gates";
const goalPackages = 1000;
const goalMs = 5000;
/** Time may grow this much faster than the closure before growth is not called linear. */
const linearSlack = 1.5;

/** The goals that the sizes at hand can say something about. */
export function judgeGoals(measurements: readonly Measurement[]): GatesGoal[] {
  const timeOf = (contender: string, packages: number): number | undefined =>
    median(
      measurements.filter((one) => one.contender === contender && one.packages === packages),
      "durationMs",
    );
  const whole = timeOf(everything, goalPackages);
  const goals: GatesGoal[] =
    whole === undefined
      ? []
      : [
          {
            goal: `all static gates, ${goalPackages} packages, ms`,
            measured: whole,
            limit: goalMs,
            met: whole < goalMs,
          },
        ];
  const sizes = [...new Set(measurements.map(({ packages }) => packages))].toSorted((left, right) => left - right);
  for (const [index, larger] of sizes.entries()) {
    const smaller = sizes[index - 1];
    if (smaller === undefined) continue;
    const [before, after] = [timeOf(everything, smaller), timeOf(everything, larger)];
    if (before === undefined || after === undefined) continue;
    const limit = linearSlack;
    const measured = after / before / (larger / smaller);
    goals.push({ goal: `growth from ${smaller} to ${larger}, to linear`, measured, limit, met: measured <= limit });
  }
  return goals;
}

/** The report for people: medians of time and memory for each contender and size, and the goals. */
export function renderGatesReport({ machine, rounds, measurements }: GatesReport): string {
  const sizes = [...new Set(measurements.map(({ packages }) => packages))];
  const names = [...new Set(measurements.map(({ contender }) => contender))];
  const rows = names.map((name) => [
    name,
    ...sizes.flatMap((size) => {
      const own = measurements.filter(({ contender, packages }) => contender === name && packages === size);
      return [
        round(median(own, "durationMs")),
        round((median(own, "peakBytes") ?? 0) / 1e6),
        String(own[0]?.counted ?? ""),
      ];
    }),
  ]);
  const headings = sizes.flatMap((size) => [`${size}: ms`, "MB", "seen"]);
  const goals = judgeGoals(measurements);
  return [
    `${rounds} rounds, interleaved, medians; ${machine.cpus} × ${machine.cpu}, Node ${machine.node}, load ${machine.load}`,
    "",
    renderTable(["whole process", ...headings], rows),
    "",
    renderTable(
      ["goal", "measured", "at most", "met"],
      goals.map(({ goal, measured, limit, met }) => [goal, round(measured), String(limit), met ? "yes" : "no"]),
    ),
    "",
  ].join("\n");
}

function median(measurements: readonly Measurement[], key: "durationMs" | "peakBytes"): number | undefined {
  const values = measurements.map((one) => one[key]).toSorted((left, right) => left - right);
  const middle = values.length / 2;
  if (values.length === 0) return undefined;
  return ((values[Math.floor(middle)] ?? 0) + (values[Math.ceil(middle) - 1] ?? 0)) / 2;
}

function round(value: number | undefined): string {
  if (value === undefined) return "";
  return value < 10 ? value.toFixed(2) : value.toFixed(0);
}
