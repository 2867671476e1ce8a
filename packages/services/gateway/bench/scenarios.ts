import type { Load } from "./load/run-load.ts";

/** A load that every contender gets. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly kinds: Load["kinds"];
  readonly shape: Load["shape"];
}

/** The loads; `rate` is of the open loops: requests a second that every contender can hold. */
export function planScenarios(rate: number): readonly Scenario[] {
  return [
    answers("answers-1", { concurrency: 1 }),
    answers("answers-32", { concurrency: 32 }),
    answers("answers-64", { concurrency: 64 }),
    streams("streams-1", { concurrency: 1 }),
    streams("streams-64", { concurrency: 64 }),
    answers("answers-open", { ratePerSecond: rate }),
    streams("streams-open", { ratePerSecond: Math.max(1, Math.round(rate / 2)) }),
  ];
}

function answers(name: string, shape: Load["shape"]): Scenario {
  return { name, title: `answers, ${describe(shape)}`, kinds: ["answer"], shape };
}

function streams(name: string, shape: Load["shape"]): Scenario {
  return { name, title: `streams of 50 pieces, ${describe(shape)}`, kinds: ["stream"], shape };
}

function describe(shape: Load["shape"]): string {
  return "concurrency" in shape ? `${shape.concurrency} at a time` : `${shape.ratePerSecond}/s`;
}
