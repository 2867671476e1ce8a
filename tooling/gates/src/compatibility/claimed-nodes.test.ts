import { expect, test } from "vitest";
import { readNodeClaims } from "./claimed-nodes.ts";

const nodes = ["22.23.3", "24.21.0", "26.10.0"];

test.each<[string | undefined, number[], number[]]>([
  [undefined, [22, 24, 26], []],
  ["*", [22, 24, 26], [12, 14, 16, 18, 20]],
  [">=22", [22, 24, 26], []],
  [">=26", [26], []],
  ["^22.22.2 || ^24.15.0 || >=26.0.0", [22, 24, 26], []],
  ["^20.1.0 || ^22.0.0", [22], [20]],
  ["^22.0.0 || ^23.1.0", [22], [23]],
  [">=22 <25", [22, 24], []],
  ["^22.99.0", [], [22]],
])("%s claims Node %j, and %j are in no matrix", (engines, claimed, untested) => {
  const claims = readNodeClaims(engines, nodes);
  expect(claims.claimed.map((node) => Number.parseInt(node, 10))).toEqual(claimed);
  expect(claims.unclaimed).toEqual(nodes.filter((node) => !claims.claimed.includes(node)));
  expect(claims.untested).toEqual(untested);
});
