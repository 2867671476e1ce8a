import { defaultConfig } from "@changesets/config";
import type { Config } from "@changesets/types";
import { describe, expect, test } from "vitest";
import { isNarrower, toNextRange, toPublishedRange } from "./peer-range.ts";

const unsafe = defaultConfig.___experimentalUnsafeOptions_WILL_CHANGE_IN_PATCH;
const patient: Partial<Config> = {
  ___experimentalUnsafeOptions_WILL_CHANGE_IN_PATCH: { ...unsafe, onlyUpdatePeerDependentsWhenOutOfRange: true },
};

function next(range: string, newVersion: string, config: Partial<Config> = {}, type: "minor" | "none" = "minor") {
  return toNextRange(range, { newVersion, type }, { ...defaultConfig, ...config });
}

describe("the range that changesets writes", () => {
  test.each([
    ["^1.0.0", "2.0.0", "^2.0.0"],
    ["^1.0.0", "1.1.0", "^1.1.0"],
    ["~1.0.0", "1.1.0", "~1.1.0"],
    [">=1.0.0", "1.1.0", ">=1.1.0"],
    [">1.0.0", "1.1.0", ">1.1.0"],
    ["<=1.0.0", "1.1.0", "<=1.1.0"],
    ["1.0.0", "1.1.0", "1.1.0"],
    ["^1.0.0 || ^2.0.0", "3.0.0", "^3.0.0"],
    [">=1.0.0 <2.0.0", "1.1.0", ">=1.1.0 <2.0.0"],
    [">=1.0.0 <2.0.0", "2.0.0", ">=2.0.0 <2.1.0"],
    ["<2.0.0 >=1.0.0", "1.1.0", "<2.0.0 >=1.1.0"],
    ["workspace:^1.0.0", "2.0.0", "workspace:^2.0.0"],
    ["*", "2.0.0-next.0", "2.0.0-next.0"],
  ])("moves %s for %s to %s", (range, version, expected) => {
    expect(next(range, version)).toBe(expected);
  });

  test.each(["*", "workspace:*", "workspace:^", "workspace:~", "workspace:./packages/core", "catalog:", "npm:core@1"])(
    "leaves %s as it is",
    (range) => {
      expect(next(range, "2.0.0")).toBe(range);
    },
  );

  test("stays inside its range where the configuration says so, and moves out of it all the same", () => {
    expect(next("^1.0.0", "1.1.0", patient)).toBe("^1.0.0");
    expect(next("workspace:^1.0.0", "1.1.0", patient)).toBe("workspace:^1.0.0");
    expect(next("^1.0.0", "2.0.0", patient)).toBe("^2.0.0");
  });

  test("stays where only workspace ranges are bumped, and where the peer is not released", () => {
    expect(next("^1.0.0", "2.0.0", { bumpVersionsWithWorkspaceProtocolOnly: true })).toBe("^1.0.0");
    expect(next("workspace:^1.0.0", "2.0.0", { bumpVersionsWithWorkspaceProtocolOnly: true })).toBe("workspace:^2.0.0");
    expect(next("^2.0.0", "1.0.0", {}, "none")).toBe("^2.0.0");
  });
});

test.each([
  ["workspace:^", "^1.2.3"],
  ["workspace:~", "~1.2.3"],
  ["workspace:*", "1.2.3"],
  ["workspace:../core", "1.2.3"],
  ["workspace:^1.0.0", "^1.0.0"],
  ["^1.0.0", "^1.0.0"],
])("%s is published as %s", (range, published) => {
  expect(toPublishedRange(range, "1.2.3")).toBe(published);
});

test.each([
  ["^1.0.0", "^2.0.0", true],
  ["^1.0.0", "^1.1.0", true],
  ["^1.0.0", "^1.0.0 || ^2.0.0", false],
  [">=1.0.0", "*", false],
  ["catalog:", "^1.0.0", false],
  ["^1.0.0", "latest", false],
])("from %s to %s is narrower: %s", (before, after, narrower) => {
  expect(isNarrower(before, after)).toBe(narrower);
});
