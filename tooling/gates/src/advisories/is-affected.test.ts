import { describe, expect, test } from "vitest";
import type { Advisory, RangeEvent } from "./advisory.ts";
import { isAffected, listFixes } from "./is-affected.ts";

function about(parts: Partial<Advisory>): Advisory {
  return { id: "GHSA-x", aliases: [], summary: "", severity: "high", ranges: [], versions: [], symbols: [], ...parts };
}

const events = (...list: RangeEvent[]): Advisory => about({ ranges: [list] });
const until = (fixed: string): Advisory => events({ introduced: "0" }, { fixed });

describe("isAffected", () => {
  test.each<[string, Advisory, string, string]>([
    ["before the mended version", until("1.5.0"), "1.4.9", "yes"],
    ["at the mended version", until("1.5.0"), "1.5.0", "no"],
    ["a prerelease of the mended version", until("1.5.0"), "1.5.0-rc.1", "yes"],
    ["build metadata, which does not count", until("1.5.0"), "1.5.0+build.7", "no"],
    ["before it was introduced", events({ introduced: "1.0.0" }, { fixed: "1.5.0" }), "1.0.0-beta", "no"],
    ["where it was introduced", events({ introduced: "1.0.0" }, { fixed: "1.5.0" }), "1.0.0", "yes"],
    ["the last affected version", events({ introduced: "0" }, { last_affected: "2.3.4" }), "2.3.4", "yes"],
    ["after the last affected version", events({ introduced: "0" }, { last_affected: "2.3.4" }), "2.3.5-0", "no"],
    ["between two ranges", events({ introduced: "0" }, { fixed: "1.2.0" }, { introduced: "2.0.0" }), "1.9.0", "no"],
    ["in the second range", events({ introduced: "0" }, { fixed: "1.2.0" }, { introduced: "2.0.0" }), "3.0.0", "yes"],
    ["events in any order", events({ introduced: "2.0.0" }, { fixed: "1.2.0" }, { introduced: "0" }), "1.9.0", "no"],
    ["no end", events({ introduced: "0" }), "999.0.0", "yes"],
    ["beyond the limit", events({ introduced: "0" }, { limit: "2.0.0" }), "2.0.0", "no"],
    ["a listed version", about({ versions: ["1.0.0", "1.1.0"] }), "1.1.0", "yes"],
    ["a version that is not listed", about({ versions: ["1.0.0", "1.1.0"] }), "1.2.0", "no"],
    ["a listed version outside of the range", about({ ...until("1.0.0"), versions: ["7.0.0"] }), "7.0.0", "yes"],
    ["npm's range", about({ npmRange: ">=1.0.0 <2.0.0" }), "1.9.0", "yes"],
    ["a prerelease in npm's range", about({ npmRange: "<2.0.0" }), "2.0.0-rc.1", "yes"],
    ["outside of npm's range", about({ npmRange: ">=1.0.0 <2.0.0" }), "2.0.0", "no"],
  ])("decides on %s", (_title, advisory, version, expected) => {
    expect(isAffected(version, advisory)).toBe(expected);
  });

  test.each<[string, Advisory, string]>([
    ["names no version", about({}), "1.0.0"],
    ["has a range that is none", events({ introduced: "sometime" }), "1.0.0"],
    ["has a range without events", about({ ranges: [[]] }), "1.0.0"],
    ["has a range of npm's that is none", about({ npmRange: "everything" }), "1.0.0"],
    ["is about a version that is none", until("1.0.0"), "https://example.com/x.tgz"],
  ])("does not say no where the advisory %s", (_title, advisory, version) => {
    expect(isAffected(version, advisory)).toBe("undecidable");
  });
});

describe("listFixes", () => {
  test("names the end of the range that the version is in, not of others", () => {
    const advisory = about({
      ranges: [
        [{ introduced: "1.0.0" }, { fixed: "1.2.3" }],
        [{ introduced: "2.0.0" }, { fixed: "2.4.0" }],
      ],
    });
    expect([listFixes("1.1.0", advisory), listFixes("2.0.0", advisory), listFixes("3.0.0", advisory)]).toEqual([
      ["1.2.3"],
      ["2.4.0"],
      [],
    ]);
  });

  test("names the next end, where a range has several", () => {
    const advisory = events({ introduced: "0" }, { fixed: "1.2.0" }, { introduced: "2.0.0" }, { fixed: "2.1.0" });
    expect(listFixes("0.5.0", advisory)).toEqual(["1.2.0"]);
    expect(listFixes("2.0.5", advisory)).toEqual(["2.1.0"]);
  });
});
