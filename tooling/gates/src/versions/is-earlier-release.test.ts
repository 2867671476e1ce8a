import { describe, expect, test } from "vitest";
import { isEarlierRelease } from "./is-earlier-release.ts";

describe("isEarlierRelease", () => {
  test.each([
    ["1.0.0", "1.0.1", true],
    ["1.0.0", "2.0.0-beta.0", true],
    ["2.0.0-beta.0", "2.0.0", false],
    ["2.0.0", "1.0.1", false],
    ["1.0.0", "0.0.0-canary.1", false],
  ])("%s before %s: %s", (version, to, isEarlier) => {
    expect(isEarlierRelease(version, to)).toBe(isEarlier);
  });
});
