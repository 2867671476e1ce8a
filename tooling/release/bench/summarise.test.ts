import { expect, test } from "vitest";
import { spreadOf, summarise } from "./summarise.ts";

const run = (contender: string, durationMs: number, tornMs = 100) => ({ contender, durationMs, tornMs, published: 50 });
const signing = [{ signMs: 100, verifyMs: 300 }];
const metOf = (...runs: ReturnType<typeof run>[]): boolean[] => summarise(runs, signing).goals.map(({ met }) => met);

test.each([
  [[3], { median: 3, min: 3, max: 3 }],
  [[9, 1, 2], { median: 2, min: 1, max: 9 }],
  [[4, 1, 2, 9], { median: 3, min: 1, max: 9 }],
])("the spread of %j is %j", (values, spread) => {
  expect(spreadOf(values)).toEqual(spread);
});

test("a goal is judged by medians, so that one slow round does not miss it", () => {
  const others = [run("pnpm", 1000), run("changesets", 5000)];
  expect(metOf(run("hxp", 900), run("hxp", 1000), run("hxp", 9000), ...others)).toEqual([true, true, true, true]);
  expect(metOf(run("hxp", 900), run("hxp", 1001), run("hxp", 9000), ...others)).toEqual([false, true, true, true]);
  expect(metOf(run("hxp", 1251), ...others)).toEqual([false, false, true, true]);
  expect(metOf(run("hxp", 900, 201), ...others)).toEqual([true, true, false, true]);
});

test("a goal about a contender that did not run is missed", () => {
  expect(metOf(run("hxp", 900))).toEqual([false, false, true, true]);
});

test("parts are condensed by name", () => {
  const runs = [10, 30, 20].map((stage) => ({ ...run("hxp", 100), parts: { stage } }));
  expect(summarise(runs, signing).contenders["hxp"]?.parts).toEqual({ stage: { median: 20, min: 10, max: 30 } });
});
