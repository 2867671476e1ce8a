import { renderTable } from "../../src/output/render-table.ts";
import { renderGoals, renderNumber } from "../render-goals.ts";
import { type Goal, spreadOf } from "../summarise.ts";
import type { GatesReport, Measurement } from "./run-gates-bench.ts";

const everything = "hxp, all static gates";
const goalPackages = 1000;
const goalMs = 5000;
/** Time may grow this much faster than the closure before growth is not called linear. */
const linearSlack = 1.5;

/** The goals that the sizes at hand can say something about. */
export function judgeGoals(measurements: readonly Measurement[]): Goal[] {
  const sizes = [...new Set(measurements.map(({ packages }) => packages))].toSorted((left, right) => left - right);
  const timeAt = (size: number): number =>
    spreadOf(
      measurements
        .filter(({ contender, packages }) => contender === everything && packages === size)
        .map(({ durationMs }) => durationMs),
    ).median;
  const whole = sizes
    .filter((size) => size === goalPackages)
    .map((size) => ({ goal: `all static gates, ${size} packages, ms`, measured: timeAt(size), limit: goalMs }));
  const growth = sizes.slice(1).map((size, index) => {
    const smaller = sizes[index] ?? size;
    const measured = timeAt(size) / timeAt(smaller) / (size / smaller);
    return { goal: `growth from ${smaller} to ${size}, to linear`, measured, limit: linearSlack };
  });
  return [...whole, ...growth].map((goal) => ({ ...goal, met: goal.measured <= goal.limit }));
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
        renderNumber(spreadOf(own.map(({ durationMs }) => durationMs)).median),
        renderNumber(spreadOf(own.map(({ peakBytes }) => peakBytes)).median / 1e6),
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
    renderGoals(goals),
    "",
  ].join("\n");
}
