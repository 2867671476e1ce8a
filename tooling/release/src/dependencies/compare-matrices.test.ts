import type { GateResult } from "@hxp/release-gates";
import { expect, test } from "vitest";
import { compareMatrices, renderMatrixDifference } from "./compare-matrices.ts";

function resultsOf(cells: readonly (readonly [string, string, string])[]): GateResult[] {
  const details = {
    cells: cells.map(([resolution, node, version]) => ({
      package: "@acme/core",
      resolution,
      node,
      manager: "pnpm",
      verdict: "passed",
      dependencies: [{ name: "thing", version }],
    })),
  };
  return [{ gate: "compatibility", details } as unknown as GateResult];
}

test("the difference of two matrices counts cells and names each version that moved, once", () => {
  const before = resultsOf([
    ["lowest", "22", "1.0.0"],
    ["locked", "22", "1.1.0"],
    ["locked", "24", "1.1.0"],
    ["newest", "20", "1.1.0"],
  ]);
  const after = resultsOf([
    ["lowest", "22", "1.0.0"],
    ["locked", "22", "1.2.0"],
    ["locked", "24", "1.2.0"],
    ["newest", "26", "1.2.0"],
  ]);
  expect(renderMatrixDifference(compareMatrices(before, after))).toEqual([
    "Matrix: 4 cells passed, 2 with other versions, 1 new, 1 gone.",
    "- thing: locked 1.1.0 → 1.2.0",
  ]);
});

test("a release that was judged without a matrix has no difference, and the message says so", () => {
  expect(compareMatrices([], resultsOf([]))).toBeUndefined();
  expect(renderMatrixDifference(undefined)).toEqual(["Matrix: not executed."]);
});
