import { expect, test } from "vitest";
import { leaveOutYoung } from "./leave-out-young.ts";

const time = {
  "1.0.0": "2026-01-01T00:00:00.000Z",
  "1.1.0-beta.1": "2026-01-02T00:00:00+00:00",
  "1.1.0": "2026-01-04T00:00:00.000Z",
  "1.1.1-beta.1": "2026-01-04T00:00:00.000Z",
};
const versions = Object.fromEntries(Object.keys(time).map((version) => [version, { version }]));
const before = Date.parse("2026-01-03T00:00:00.000Z");

test("tags of what is left out move to the newest older version, to a prerelease only from a prerelease", () => {
  const tags = { latest: "1.1.0", beta: "1.1.1-beta.1", old: "1.0.0" };
  const aged = leaveOutYoung("tool", { versions, time, "dist-tags": tags }, { before, exempt: new Set() });
  expect(Object.keys(Object(aged.packument["versions"]))).toEqual(["1.0.0", "1.1.0-beta.1"]);
  expect(aged.packument["dist-tags"]).toEqual({ latest: "1.0.0", beta: "1.1.0-beta.1", old: "1.0.0" });
  expect(aged.leftOut).toEqual([
    { version: "1.1.0", published: "2026-01-04T00:00:00.000Z" },
    { version: "1.1.1-beta.1", published: "2026-01-04T00:00:00.000Z" },
  ]);
  expect(aged.tags).toEqual(tags);
});

test("a tag without any older version is gone, and a time that is none is unknown", () => {
  const packument = { versions: { "1.0.0": {} }, time: { "1.0.0": "yesterday" }, "dist-tags": { latest: "1.0.0" } };
  const aged = leaveOutYoung("tool", packument, { before, exempt: new Set() });
  expect(aged).toMatchObject({
    packument: { versions: {}, "dist-tags": {} },
    leftOut: [{ version: "1.0.0", published: undefined }],
  });
  const exempt = leaveOutYoung("tool", packument, { before, exempt: new Set(["tool@1.0.0"]) });
  expect(exempt.packument).toEqual(packument);
});
