import { describe, expect, test } from "vitest";
import { digestPolicy, policyJsonSchema, policySchema, renderPolicy } from "@hxp/release-gates";

describe("policySchema", () => {
  test("fills in every default", () => {
    expect(policySchema.parse({})).toMatchObject({
      contents: { maxFiles: 2000, growth: { maxRatio: 1.5 } },
      licences: { clarifications: [] },
      rebuild: { nodeMajor: 22 },
      waivers: [],
    });
  });

  test.each([
    ["an unknown key", { content: {} }],
    ["an unknown key in a section", { contents: { maxFile: 1 } }],
    ["a waiver without an owner", { waivers: [{ gate: "a", rule: "b", reason: "c", expires: "2026-12-01" }] }],
    ["a waiver without a day", { waivers: [{ gate: "a", rule: "b", owner: "o", reason: "c", expires: "soon" }] }],
    ["a clarification of a range", { licences: { clarifications: [{ package: "x", licence: "MIT", reason: "r" }] } }],
  ])("refuses %s", (_title, policy) => {
    expect(policySchema.safeParse(policy).success).toBe(false);
  });

  test("describes each key", () => {
    expect(JSON.stringify(policyJsonSchema())).toContain("Largest tarball, in bytes.");
    expect(renderPolicy()).not.toMatch(/: $/m);
  });

  test("docs/policy.md says what the schema says", async () => {
    await expect(renderPolicy()).toMatchFileSnapshot("../../docs/policy.md");
  });
});

describe("digestPolicy", () => {
  test("does not depend on the order of keys, and depends on every value", () => {
    const policy = policySchema.parse({ rebuild: { nodeMajor: 26 } });
    const reordered = Object.fromEntries(Object.entries(policy).toReversed()) as typeof policy;
    expect(digestPolicy(reordered)).toBe(digestPolicy(policy));
    expect(digestPolicy(policySchema.parse({}))).not.toBe(digestPolicy(policy));
  });
});
