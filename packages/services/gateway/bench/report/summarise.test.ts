import { expect, test } from "vitest";
import type { ContenderName } from "../contenders/contender.ts";
import type { RoundEnd, Sample } from "../measure/measure-gateways.ts";
import { driftOf } from "../measure/soak.ts";
import { spreadOf } from "./spread.ts";
import { summarise } from "./summarise.ts";

interface Given {
  readonly round: number;
  readonly contender: ContenderName;
  readonly rate: number;
  readonly p50?: number;
}

function sample({ round, contender, rate, p50 = 1 }: Given): Sample {
  const percentiles = { p50, p99: 2 * p50 };
  return {
    round,
    contender,
    scenario: "answers-64",
    requests: rate,
    total: rate,
    failures: 0,
    requestsPerSecond: rate,
    latency: percentiles,
    firstByte: percentiles,
    cpuPerRequest: 1e6 / rate,
  };
}

function end(contender: ContenderName, reached: number, rss: number): RoundEnd {
  const aborts = [{ kind: "mid-stream", left: 20, reached, allWithinMs: reached === 20 ? 5 : undefined } as const];
  return { round: 1, contender, rss, aborts };
}

const rounds = [
  // The machine was half as fast in the second round, and twice as fast in the third.
  ...[1000, 500, 2000].map((rate, index) => sample({ round: index + 1, contender: "pass-through", rate })),
  ...[700, 350, 1000].map((rate, index) => sample({ round: index + 1, contender: "hxp", rate, p50: 3 })),
  ...[9000, 4000, 9000].map((rate, index) => sample({ round: index + 1, contender: "direct", rate, p50: 2 })),
];

test("ratios are of the same round, so that a slow machine changes none", () => {
  const { ratios, scenarios } = summarise({ samples: rounds, ends: [] });
  const found = ratios.find(({ to }) => to === "pass-through");
  expect(found?.ratio).toEqual({ median: 0.7, min: 0.5, max: 0.7 });
  expect(found?.cpuRatio.median).toBeCloseTo(0.7);
  expect(scenarios["answers-64"]?.hxp?.addedP50).toEqual({ median: 1, min: 1, max: 1 });
  expect(scenarios["answers-64"]?.hxp?.addedP99.median).toBe(2);
});

test("contenders stand in one order, whoever was first in a round", () => {
  expect(Object.keys(summarise({ samples: rounds, ends: [] }).rss)).toEqual(["direct", "pass-through", "hxp"]);
});

test("a goal is met by the median, and one that was not measured is missed", () => {
  const { goals } = summarise({ samples: rounds, ends: [end("hxp", 20, 199e6)] });
  expect(goals.filter(({ met }) => met).map(({ goal }) => goal)).toEqual([
    "requests/s ÷ pass-through's, answers, 64 at a time",
    "aborts that reached the upstream, %",
  ]);
});

test("one abort that did not reach the upstream misses the goal", () => {
  const { aborts, goals } = summarise({ samples: rounds, ends: [end("hxp", 20, 1), end("hxp", 19, 201e6)] });
  expect(aborts.hxp?.["mid-stream"]).toEqual({ left: 40, reached: 39 });
  expect(goals.at(-1)).toMatchObject({ measured: 97.5, met: false });
});

test.each([
  [[3], { median: 3, min: 3, max: 3 }],
  [[9, 1, 2], { median: 2, min: 1, max: 9 }],
  [[4, 1, 2, 9], { median: 3, min: 1, max: 9 }],
])("the spread of %j is %j", (values, spread) => {
  expect(spreadOf(values)).toEqual(spread);
});

test("drift is what changes after the warm-up, whatever single values do", () => {
  expect(driftOf([50, 90, 100, 100, 100, 100, 100, 100, 100, 100])).toBe(0);
  expect(driftOf([50, 90, 100, 100, 180, 100, 100, 100, 110, 190, 110])).toBeCloseTo(10);
});
