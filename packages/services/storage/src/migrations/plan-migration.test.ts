import { describe, expect, test } from "vitest";
import type { Migration, Phase } from "./change.ts";
import { planMigration, planRollback, usableVersion } from "./plan-migration.ts";

const step = (phase: Phase, name: string) =>
  ({ phase, name, change: { kind: "fill", some: () => Promise.resolve(0) } }) as const;

const two: readonly Migration[] = [
  { version: 1, title: "one", steps: [step("expand", "a"), step("expand", "b")] },
  { version: 2, title: "two", steps: [step("expand", "c"), step("backfill", "d"), step("contract", "e")] },
];
const a = { version: 1, number: 1 };
const b = { version: 1, number: 2 };
const c = { version: 2, number: 1 };

describe("a plan", () => {
  test("leads an empty database through every step in order", () => {
    expect(planMigration(two, []).map(({ version, number, name }) => [version, number, name])).toEqual([
      [1, 1, "a"],
      [1, 2, "b"],
      [2, 1, "c"],
      [2, 2, "d"],
      [2, 3, "e"],
    ]);
  });

  test("goes on where it was cut off, as far as it is asked to", () => {
    expect(planMigration(two, [a]).map(({ name }) => name)).toEqual(["b", "c", "d", "e"]);
    expect(planMigration(two, [a], 1).map(({ name }) => name)).toEqual(["b"]);
    expect(planMigration(two, [a, b], 1)).toEqual([]);
  });

  test("undoes what was done, the last step first", () => {
    expect(planRollback(two, [a, b, c], 1).map(({ name }) => name)).toEqual(["c"]);
    expect(planRollback(two, [a, b, c], 0).map(({ name }) => name)).toEqual(["c", "b", "a"]);
    expect(planRollback(two, [], 0)).toEqual([]);
  });

  test.each([-1, 3, 1.5, Number.NaN])("refuses version %d, which there is not", (version) => {
    expect(() => planMigration(two, [], version)).toThrow(expect.objectContaining({ code: "USAGE_INVALID" }));
    expect(() => planRollback(two, [], version)).toThrow(expect.objectContaining({ code: "USAGE_INVALID" }));
  });

  test("takes a version for usable when it is expanded, though its rows are still brought to it", () => {
    expect(usableVersion(two, [])).toBe(0);
    expect(usableVersion(two, [a])).toBe(0);
    expect(usableVersion(two, [a, b])).toBe(1);
    expect(usableVersion(two, [a, b, c])).toBe(2);
  });
});
