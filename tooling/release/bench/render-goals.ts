import { renderTable } from "../src/output/render-table.ts";
import type { Goal } from "./summarise.ts";

/** What was wanted of a bench and what came out, for people. */
export function renderGoals(goals: readonly Goal[]): string {
  return renderTable(
    ["goal", "measured", "at most", "met"],
    goals.map(({ goal, measured, limit, met }) => [goal, renderNumber(measured), String(limit), met ? "yes" : "no"]),
  );
}

/** A measured number, with decimals only where it is small. */
export function renderNumber(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(0);
}
