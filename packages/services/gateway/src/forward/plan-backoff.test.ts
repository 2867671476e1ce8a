import { HxpError } from "@hxp/errors";
import { expect, test } from "vitest";
import { type BackoffOptions, planBackoff } from "./plan-backoff.ts";

const plan = (options: Partial<BackoffOptions> = {}, retryAfterMs?: number) =>
  planBackoff({
    attempts: 5,
    backoff: 100,
    maxBackoff: 1000,
    round: 1,
    failure: { error: new HxpError("UPSTREAM_BUSY", "x", { details: { retryAfterMs } }), retry: "anywhere" },
    random: () => 1,
    ...options,
  });

test("doubles up to its bound, and half of it is chance", () => {
  expect([1, 2, 3, 4].map((round) => plan({ round }))).toEqual([100, 200, 400, 800]);
  expect(plan({ round: 8, attempts: 9 })).toBe(1000);
  expect(plan({ random: () => 0 })).toBe(50);
});

test("waits at least as long as the upstream asks, and not at all when that is too long", () => {
  expect(plan({}, 700)).toBe(700);
  expect(plan({}, 1001)).toBeUndefined();
});

test("does not wait after the last round, or where waiting does not help", () => {
  expect(plan({ round: 5 })).toBeUndefined();
  const failure = { error: new HxpError("UPSTREAM_MISCONFIGURED", "x"), retry: "elsewhere" } as const;
  expect(plan({ failure })).toBeUndefined();
});
