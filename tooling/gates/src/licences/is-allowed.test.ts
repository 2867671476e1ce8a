import { describe, expect, test } from "vitest";
import { defaultLicences } from "@hxp/release-gates";
import { findRefusedTerms, isAllowed } from "./is-allowed.ts";

describe("isAllowed", () => {
  test.each([
    ["MIT", ["MIT"], true],
    ["MIT-0", ["MIT"], false],
    ["MIT", ["MIT-0"], false],
    ["MIT AND GPL-3.0-only", ["MIT"], false],
    ["(MIT AND GPL-3.0-only)", ["MIT", "GPL-3.0-only"], true],
    ["MIT OR GPL-3.0-only", ["MIT"], true],
    ["GPL-3.0-only OR MIT", ["MIT"], true],
    ["MIT AND (GPL-3.0-only OR ISC)", ["MIT", "ISC"], true],
    ["MIT AND (GPL-3.0-only OR AGPL-3.0-only)", ["MIT", "ISC"], false],
    ["MIT OR ISC AND GPL-3.0-only", ["ISC"], false],
    ["GPL-2.0-or-later", ["GPL-3.0-only"], true],
    ["GPL-2.0+", ["GPL-3.0-only"], true],
    ["GPL-2.0-only", ["GPL-3.0-only"], false],
    ["GPL-2.0", ["GPL-2.0-only"], true],
    ["GPL-3.0-only", ["GPL-2.0-or-later"], true],
    ["GPL-2.0-only", ["GPL-3.0-or-later"], false],
    ["LGPL-2.1", ["LGPL-3.0-only"], false],
    ["LGPL-2.1", ["LGPL-3.0-or-later"], false],
    ["LGPL-3.0", ["LGPL-2.1"], false],
    ["LGPL-2.1+", ["LGPL-3.0-only"], true],
    ["CDDL-1.0", ["CDDL-1.1"], false],
    ["CDDL-1.1", ["CDDL-1.0"], false],
    ["EUPL-1.2", ["EUPL-1.2"], true],
    ["Apache-2.0 WITH LLVM-exception", ["Apache-2.0"], false],
    ["Apache-2.0 WITH LLVM-exception", ["Apache-2.0 WITH LLVM-exception"], true],
    ["Apache-2.0", ["Apache-2.0 WITH LLVM-exception"], false],
    ["GPL-2.0-only WITH Classpath-exception-2.0", ["GPL-2.0-only"], false],
    ["LicenseRef-house", ["MIT"], false],
    ["LicenseRef-house", ["LicenseRef-house"], true],
    ["mit", ["MIT"], false],
    ["MIT/X11", ["MIT"], false],
    ["", ["MIT"], false],
  ])("%j with %j allowed is %s", (expression, allow, allowed) => {
    expect(isAllowed(expression, allow)).toBe(allowed);
  });

  test("allows nothing where nothing is allowed", () => {
    expect(isAllowed("MIT", [])).toBe(false);
  });

  test("answers at once to an expression that would multiply out to a billion terms", () => {
    const hostile = Array.from({ length: 30 }, () => "(MIT OR GPL-3.0-only)").join(" AND ");
    expect(isAllowed(hostile, ["MIT"])).toBe(true);
    expect(isAllowed(`${hostile} AND AGPL-3.0-only`, ["MIT"])).toBe(false);
  });

  test("refuses an expression that is nested without end", () => {
    expect(isAllowed(`${"(".repeat(100_000)}MIT${")".repeat(100_000)}`, ["MIT"])).toBe(false);
  });

  test.each(["MIT OR ISC", "Apache", ""])("throws LICENCE_POLICY_INVALID when %j is allowed", (licence) => {
    const error = expect.objectContaining({ code: "LICENCE_POLICY_INVALID" });
    expect(() => isAllowed("MIT", [licence])).toThrow(error);
  });

  test("knows each licence of the default policy, and no copyleft is among them", () => {
    const allow = defaultLicences.map(({ licence }) => licence);
    expect(allow.filter((licence) => !isAllowed(licence, allow))).toEqual([]);
    const others = ["GPL-2.0-or-later", "LGPL-2.1-only", "AGPL-3.0-only", "MPL-2.0", "SSPL-1.0", "CC-BY-NC-4.0"];
    expect(others.filter((licence) => isAllowed(licence, allow))).toEqual([]);
  });
});

describe("findRefusedTerms", () => {
  test("names what stands in the way, each once", () => {
    const expression = "MIT AND GPL-2.0-only WITH Classpath-exception-2.0 AND (AGPL-3.0-only OR AGPL-3.0-only)";
    expect(findRefusedTerms(expression, ["MIT"])).toEqual([
      "GPL-2.0-only WITH Classpath-exception-2.0",
      "AGPL-3.0-only",
    ]);
  });
});
