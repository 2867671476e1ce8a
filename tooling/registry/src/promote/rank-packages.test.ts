import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rankPackages } from "@hxp/release-registry";

type Needs = Readonly<Record<string, readonly string[]>>;

function rank(needs: Needs, kind = "dependencies"): Record<string, number> {
  const packages = Object.entries(needs).map(([name, list]) => ({
    name,
    manifest: { name, version: "1.0.0", [kind]: Object.fromEntries(list.map((need) => [need, "^1.0.0"])) },
  }));
  return Object.fromEntries(rankPackages(packages));
}

/** Whether one package needs another, however far: by definition, not by the algorithm under test. */
function reaches(needs: Needs, from: string, to: string, seen: readonly string[] = []): boolean {
  return (needs[from] ?? []).some(
    (need) => need === to || (!seen.includes(need) && reaches(needs, need, to, [...seen, need])),
  );
}

const names = ["a", "b", "c", "d", "e", "f", "g"];
const graph = fc.record(Object.fromEntries(names.map((name) => [name, fc.subarray(names, { maxLength: 3 })])));

describe("the publish order", () => {
  test("puts what nothing is needed for first, and each dependent one above the highest that it needs", () => {
    expect(rank({ app: ["library", "core"], library: ["core"], core: [], alone: [] })).toEqual({
      core: 0,
      alone: 0,
      library: 1,
      app: 2,
    });
  });

  test.each(["dependencies", "peerDependencies", "optionalDependencies"])("counts %s", (kind) => {
    expect(rank({ app: ["core"], core: [] }, kind)).toEqual({ core: 0, app: 1 });
  });

  test("does not count devDependencies, which no consumer installs, nor packages that are not released", () => {
    expect(rank({ app: ["core"], core: [] }, "devDependencies")).toEqual({ core: 0, app: 0 });
    expect(rank({ app: ["react", "constructor"] })).toEqual({ app: 0 });
  });

  test("gives the packages of a circle one rank, below their dependents and above what they need", () => {
    const needs = { top: ["left"], left: ["right"], right: ["left", "base"], base: [] };
    expect(rank(needs)).toEqual({ base: 0, left: 1, right: 1, top: 2 });
  });

  test("does not hold back what needs no circle, and ranks circles that do not know of each other alike", () => {
    expect(rank({ a: ["b"], b: ["a"], c: ["d"], d: ["c"], e: [] })).toEqual({ a: 0, b: 0, c: 0, d: 0, e: 0 });
  });

  test("ranks every dependency lower, or, in a circle with it, equal", () => {
    fc.assert(
      fc.property(graph, (needs) => {
        const ranks = rank(needs);
        for (const [name, list] of Object.entries(needs)) {
          for (const need of list) {
            if (reaches(needs, need, name)) expect(ranks[need]).toBe(ranks[name]);
            else expect(ranks[need]).toBeLessThan(ranks[name]!);
          }
        }
      }),
    );
  });

  test("leaves no rank empty and does not depend on the order in which packages are given", () => {
    fc.assert(
      fc.property(graph, fc.shuffledSubarray(names, { minLength: names.length }), (needs, order) => {
        const ranks = rank(needs);
        const highest = Math.max(...Object.values(ranks));
        expect(new Set(Object.values(ranks)).size).toBe(highest + 1);
        expect(rank(Object.fromEntries(order.map((name) => [name, needs[name]!])))).toEqual(ranks);
      }),
    );
  });
});
