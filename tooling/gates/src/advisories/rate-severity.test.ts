import { describe, expect, test } from "vitest";
import { rateSeverity } from "./rate-severity.ts";

const critical = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";

describe("rateSeverity", () => {
  // Scores of FIRST's own calculators.
  test.each([
    [critical, 9.8, "critical"],
    ["CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", 7.5, "high"],
    ["CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1, "moderate"],
    ["CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 9.3, "critical"],
    ["AV:N/AC:L/Au:N/C:P/I:P/A:P", 7.5, "high"],
  ])("scores %s", (vector, score, severity) => {
    expect(rateSeverity([], [vector])).toEqual({ severity, score });
  });

  test("takes the base score, whatever else the vector says", () => {
    expect(rateSeverity([], [`${critical}/E:U/RL:O/RC:U`]).score).toBe(9.8);
  });

  test("takes the worst of words and vectors", () => {
    expect(rateSeverity(["MODERATE"], [critical])).toEqual({ severity: "critical", score: 9.8 });
    expect(rateSeverity(["CRITICAL"], ["CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"]).severity).toBe("critical");
    expect(rateSeverity(["medium"], []).severity).toBe("moderate");
  });

  test.each([["rubbish"], ["CVSS:3.1/AV:N"], [""]])("does not make a score of %j", (vector) => {
    expect(rateSeverity([undefined, "awful"], [vector])).toEqual({ severity: "unknown" });
  });
});
