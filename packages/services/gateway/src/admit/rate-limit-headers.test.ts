import { expect, test } from "vitest";
import { formatDuration } from "./rate-limit-headers.ts";

test.each([
  [0, "0s"],
  [1, "1ms"],
  [120, "120ms"],
  [999, "999ms"],
  [1000, "1s"],
  [8640, "8.64s"],
  [59_999, "59.999s"],
  [60_000, "1m0s"],
  [360_000, "6m0s"],
  [86_400, "1m26.4s"],
  [3_600_000, "1h0m0s"],
  [90_061_000, "25h1m1s"],
])("%d ms are %s", (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});
