import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { mapConcurrently } from "./map-concurrently.ts";

test("keeps the order and never has more in flight than the limit", async () => {
  let inFlight = 0;
  let most = 0;
  const results = await mapConcurrently([5, 1, 3, 1, 1], 2, async (value) => {
    most = Math.max(most, (inFlight += 1));
    await sleep(value);
    inFlight -= 1;
    return value * 10;
  });
  expect(results).toEqual([50, 10, 30, 10, 10]);
  expect(most).toBe(2);
});

test("after a failure starts nothing more, and throws when what was in flight has ended", async () => {
  const ended: number[] = [];
  const mapped = mapConcurrently([1, 2, 3, 4], 2, async (value) => {
    if (value === 1) throw new Error("first");
    await sleep(10);
    ended.push(value);
  });
  await expect(mapped).rejects.toThrow("first");
  expect(ended).toEqual([2]);
});
