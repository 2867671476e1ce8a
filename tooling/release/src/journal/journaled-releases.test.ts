import { describe, expect, test } from "vitest";
import { makeJournal, makeSeal, makeSealed, recordDone, sealVersion } from "../../test/support/make-journal.ts";
import {
  readAbandoned,
  readReleasedTrees,
  readReleases,
  readRolledBack,
  recordEnding,
  recordSeal,
} from "./journaled-releases.ts";

describe("the journal's releases", () => {
  test("begin with their seal: what came before it left nothing outside", () => {
    const journal = makeJournal();
    recordDone(journal, { release: "draft", kind: "step", target: "preflight" });
    recordEnding(journal, "draft", { kind: "released" });
    expect(readReleases(journal.records)).toEqual([]);
    recordSeal(journal, "r1", makeSeal());
    expect(readReleases(journal.records)).toEqual([
      { ...makeSeal(), id: "r1", sealedAt: "2026-01-01T00:00:04.000Z", state: "open", steps: [] },
    ]);
  });

  test("list the steps that ended, and not one that was begun or failed", async () => {
    const journal = makeJournal();
    recordSeal(journal, "r1", makeSeal());
    await journal.effect({ release: "r1", kind: "step", target: "judge" }, async () => {});
    const failing = journal.effect({ release: "r1", kind: "step", target: "stage" }, () =>
      Promise.reject(new Error("x")),
    );
    await expect(failing).rejects.toThrow("x");
    journal.add({ release: "r1", kind: "step", target: "promote", phase: "before" });
    await journal.effect({ release: "r1", kind: "git-tag", target: "core@1.0.0" }, async () => {});
    expect(readReleases(journal.records)[0]?.steps).toEqual(["judge"]);
  });

  test.each([
    ["released", undefined],
    ["abandoned", "another source is released"],
    ["rolled-back", "it loses data"],
  ] as const)("end as %s, with time and reason", (kind, reason) => {
    const journal = makeJournal();
    recordSeal(journal, "r1", makeSeal());
    recordEnding(journal, "r1", { kind, ...(reason === undefined ? {} : { reason }) });
    const [release] = readReleases(journal.records);
    expect(release).toMatchObject({ state: kind, endedAt: "2026-01-01T00:00:02.000Z" });
    expect(release?.reason).toBe(reason);
  });

  test("are ended by a note alone, not by an effect of that name", async () => {
    const journal = makeJournal();
    recordSeal(journal, "r1", makeSeal());
    await journal.effect({ release: "r1", kind: "released", target: "r1" }, async () => {});
    await journal.effect({ release: "r1", kind: "constructor", target: "r1" }, async () => {});
    expect(readReleases(journal.records)[0]?.state).toBe("open");
  });

  test("are listed oldest first, and one that is sealed again is open, and the newest", () => {
    const journal = makeJournal();
    sealVersion(journal, "r1", { version: "1.0.0" });
    recordEnding(journal, "r1", { kind: "rolled-back", reason: "drill" });
    sealVersion(journal, "r2", { version: "1.1.0" });
    sealVersion(journal, "r1", { version: "1.0.0" });
    expect(readReleases(journal.records).map(({ id, state }) => [id, state])).toEqual([
      ["r2", "open"],
      ["r1", "open"],
    ]);
  });

  test("with a seal that is not one are refused", () => {
    const journal = makeJournal();
    journal.add({ release: "r1", phase: "note", kind: "seal", target: "local", data: { channel: "latest" } });
    expect(() => readReleases(journal.records)).toThrow("planDigest");
  });
});

describe("versions that were rolled back", () => {
  test("have the reason, on the registry that it happened on", () => {
    const journal = makeJournal();
    sealVersion(journal, "r1", { version: "1.0.0" });
    recordEnding(journal, "r1", { kind: "rolled-back", reason: "it loses data" });
    sealVersion(journal, "r2", { version: "2.0.0" });
    recordEnding(journal, "r2", { kind: "rolled-back" });
    sealVersion(journal, "r3", { version: "3.0.0" });
    const releases = readReleases(journal.records);
    expect(readRolledBack(releases, "embedded:1")).toEqual(
      new Map([
        ["core@1.0.0", "it loses data"],
        ["core@2.0.0", "no reason given"],
      ]),
    );
    expect(readRolledBack(releases, "embedded:2")).toEqual(new Map());
  });

  test("are forgiven when they are released again, and not when that was given up", () => {
    const journal = makeJournal();
    sealVersion(journal, "r1", { version: "1.0.0" });
    recordEnding(journal, "r1", { kind: "rolled-back", reason: "drill" });
    sealVersion(journal, "r2", { version: "1.0.0" });
    recordEnding(journal, "r2", { kind: "abandoned", reason: "changed our minds" });
    expect(readRolledBack(readReleases(journal.records), "embedded:1").size).toBe(1);
    sealVersion(journal, "r3", { version: "1.0.0" });
    recordEnding(journal, "r3", { kind: "released" });
    expect(readRolledBack(readReleases(journal.records), "embedded:1").size).toBe(0);
  });

  test("count in the order in which releases ended, not in which they were sealed", () => {
    const journal = makeJournal();
    sealVersion(journal, "r1", { version: "1.0.0" });
    sealVersion(journal, "r2", { version: "1.0.0" });
    recordEnding(journal, "r2", { kind: "released" });
    recordEnding(journal, "r1", { kind: "rolled-back", reason: "late" });
    expect(readRolledBack(readReleases(journal.records), "embedded:1")).toEqual(new Map([["core@1.0.0", "late"]]));
  });
});

test("versions of releases that were given up are known, and of no others", () => {
  const journal = makeJournal();
  sealVersion(journal, "r1", { version: "1.0.0" });
  sealVersion(journal, "r2", { version: "1.1.0" });
  recordEnding(journal, "r1", { kind: "abandoned", reason: "another source" });
  expect([...readAbandoned(readReleases(journal.records))]).toEqual(["core@1.0.0"]);
});

test("the trees of released versions are known, and of no others", () => {
  const journal = makeJournal();
  const packages = [makeSealed(), makeSealed({ name: "app" })];
  recordSeal(journal, "r1", makeSeal({ packages }));
  recordEnding(journal, "r1", { kind: "released" });
  sealVersion(journal, "r2", { version: "2.0.0" });
  expect(readReleasedTrees(readReleases(journal.records))).toEqual(
    new Map([
      ["core@1.0.0", ["tree-core-1.0.0"]],
      ["app@1.0.0", ["tree-app-1.0.0"]],
    ]),
  );
});
