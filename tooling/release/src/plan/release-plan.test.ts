import { createHash } from "node:crypto";
import { releasePlanPredicate } from "@hxp/evidence";
import { planDigest, serialisePlan, sortKeys } from "@hxp/evidence/release";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makePlan, makePlanned } from "../../test/support/make-plan.ts";

/** The same data with the keys of every object the other way round. */
function reverseKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((entry) => reverseKeys(entry));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toReversed();
  return Object.fromEntries(entries.map(([key, entry]) => [key, reverseKeys(entry)]));
}

describe("a serialised plan", () => {
  test("parses, by the published schema, to the plan that it was", () => {
    const text = fc.string({ unit: "binary" });
    const plans = fc
      .record({
        reasons: fc.array(text),
        warnings: fc.array(text),
        repository: fc.option(text),
        tool: text,
        size: fc.integer({ min: 1 }),
      })
      .map(({ reasons, warnings, repository, tool, size }) => {
        const planned = makePlanned({ reasons });
        const plan = makePlan({
          warnings,
          tools: { [tool]: tool },
          packages: [{ ...planned, tarball: { ...planned.tarball, size } }],
        });
        return { ...plan, source: { ...plan.source, repository } };
      });
    fc.assert(
      fc.property(plans, (plan) => {
        fc.pre(!Object.hasOwn(plan.tools, "__proto__"));
        expect(releasePlanPredicate.schema.parse(JSON.parse(serialisePlan(plan)))).toEqual(plan);
      }),
    );
  });

  test("has the same bytes however its keys are ordered, two spaces, and a newline at its end", () => {
    const plan = makePlan();
    const serialised = serialisePlan(plan);
    expect(serialisePlan(reverseKeys(plan) as typeof plan)).toBe(serialised);
    expect(serialised).toMatch(/^\{\n {2}"channel": "latest",\n {2}"config": .*\n\}\n$/s);
  });

  test("keeps the order of lists, which is the order of publishing", () => {
    const packages = [makePlanned({ name: "b" }), makePlanned({ name: "a" })];
    expect(serialisePlan(makePlan({ packages }))).not.toBe(
      serialisePlan(makePlan({ packages: packages.toReversed() })),
    );
  });

  test("has its SHA-256 as the release's id", () => {
    const serialised = serialisePlan(makePlan());
    expect(planDigest(serialised)).toBe(createHash("sha256").update(serialised).digest("hex"));
    expect(planDigest(`${serialised} `)).not.toBe(planDigest(serialised));
  });
});

test("sorting keys keeps every JSON value, keys such as __proto__ among them", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.stringify(sortKeys(reverseKeys(value)))).toBe(JSON.stringify(sortKeys(value)));
      expect(sortKeys(value)).toEqual(value);
    }),
  );
  const hostile: unknown = JSON.parse('{"b":1,"__proto__":{"a":1}}');
  expect(JSON.stringify(sortKeys(hostile))).toBe('{"__proto__":{"a":1},"b":1}');
});
