import { expect, onTestFinished, test, vi } from "vitest";
import type { HxpError } from "@hxp/errors";
import type { UsageStore } from "@hxp/schema-storage";
import { createAdmission } from "../admit/create-admission.ts";
import { learnBudgets } from "./learn-budgets.ts";

test("a storage that hangs holds up neither the start nor the next reading, and is told of once", async () => {
  const sum = vi.fn<UsageStore["sum"]>(() => new Promise(() => {}));
  const onUnread = vi.fn<(error: HxpError) => void>();
  const options = { admission: createAdmission(), usage: { sum }, interval: 1, deadline: 20, onUnread };
  const budgets = await learnBudgets(options);
  onTestFinished(() => budgets[Symbol.asyncDispose]());
  await expect.poll(() => sum.mock.calls.length).toBeGreaterThan(2);
  expect(onUnread.mock.calls.map(([{ code }]) => code)).toEqual(["STORAGE_UNAVAILABLE"]);
});
