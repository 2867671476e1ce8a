import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { atEndOfTurn } from "./at-end-of-turn.ts";

test("what waits for the end of a turn is done there, in order, before anybody is told", async () => {
  const seen: string[] = [];
  const told = [
    atEndOfTurn(() => seen.push("first")).then(() => seen.push("told")),
    atEndOfTurn(() => {
      seen.push("second");
      // What is asked for while it is the end belongs to the next turn.
      void atEndOfTurn(() => seen.push("later"));
    }),
  ];
  process.nextTick(() => seen.push("work"));
  await Promise.resolve().then(() => seen.push("more work"));
  expect(seen).not.toContain("first");
  await Promise.all(told);
  expect(seen.toSorted()).toEqual(["first", "more work", "second", "told", "work"].toSorted());
  expect(seen.indexOf("first")).toBeGreaterThan(seen.indexOf("work"));
  expect(seen.indexOf("second")).toBeGreaterThan(seen.indexOf("first"));
  expect(seen.indexOf("told")).toBeGreaterThan(seen.indexOf("second"));
  await nextTurn();
  expect(seen.at(-1)).toBe("later");
});
