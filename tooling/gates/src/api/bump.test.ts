import { describe, expect, test } from "vitest";
import { declaredBump, leastBump } from "./bump.ts";

describe("declaredBump", () => {
  test.each([
    ["1.2.3", "2.0.0", "major"],
    ["1.2.3", "1.3.0", "minor"],
    ["1.2.3", "1.2.4", "patch"],
    ["0.2.3", "0.3.0", "minor"],
    ["0.2.3", "1.0.0", "major"],
    ["1.4.0", "2.0.0-beta.3", "major"],
    ["1.4.0", "1.4.1-rc.0", "patch"],
  ])("%s → %s is a %s", (from, to, bump) => {
    expect(declaredBump(from, to)).toBe(bump);
  });

  test("says which text is no version", () => {
    expect(() => declaredBump("1.0", "2.0.0")).toThrow(
      expect.objectContaining({ code: "GATES_INVALID", message: expect.stringContaining('"1.0"') }),
    );
  });
});

describe("leastBump", () => {
  test.each([
    ["major", "1.0.0", "major"],
    ["minor", "1.0.0", "minor"],
    ["major", "0.9.0", "minor"],
    ["minor", "0.9.0", "patch"],
    ["patch", "0.9.0", "patch"],
  ] as const)("a %s from %s on must be a %s", (needed, from, least) => {
    expect(leastBump(needed, from)).toBe(least);
  });
});
