import { expect, test } from "vitest";
import { createCleanup } from "./cleanup.ts";

test("closes the last opened first, each once, and all of them when one fails", async () => {
  const closed: string[] = [];
  const cleanup = createCleanup();
  cleanup.defer(() => void closed.push("first"));
  cleanup.defer(() => {
    closed.push("second");
    throw new Error("stuck");
  });
  cleanup.defer(async () => void closed.push("third"));
  await expect(cleanup.run()).rejects.toThrow("stuck");
  await cleanup.run();
  expect(closed).toEqual(["third", "second", "first"]);
});
