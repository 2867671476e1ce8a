import { renderTable } from "../src/output/render-table.ts";
import { renderGoals, renderNumber } from "./render-goals.ts";
import type { Report } from "./run-release-bench.ts";
import type { Spread } from "./summarise.ts";

/** The report for people: what was measured, on what, and which goals were met. */
export function renderReport({ machine, packages, rounds, contenders, signing, goals }: Report): string {
  const ours = contenders["hxp"]?.duration.median ?? Number.NaN;
  const rows = Object.entries(contenders).flatMap(([name, { duration, torn, parts }]) => [
    [name, ...renderSpread(duration), `${(duration.median / ours).toFixed(2)} ×`, ...renderSpread(torn)],
    ...Object.entries(parts).map(([part, spread]) => [`  ${part}`, ...renderSpread(spread), "", "", "", ""]),
  ]);
  const signed = Object.entries(signing).map(([what, spread]) => [`${what} statements`, ...renderSpread(spread)]);
  return [
    `${packages} packages, ${rounds} rounds, interleaved; ${machine.cpus} × ${machine.cpu}, Node ${machine.node}, load ${machine.load}`,
    "",
    renderTable(["", "median ms", "min", "max", "to ours", "torn ms", "min", "max"], rows),
    "",
    renderTable(["", "median ms", "min", "max"], signed),
    "",
    renderGoals(goals),
    "",
  ].join("\n");
}

function renderSpread({ median, min, max }: Spread): [string, string, string] {
  return [renderNumber(median), renderNumber(min), renderNumber(max)];
}
