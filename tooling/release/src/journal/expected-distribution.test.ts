import { compareDistribution } from "@hxp/release-registry";
import { describe, expect, test } from "vitest";
import { makeJournal, recordDone, sealVersion } from "../../test/support/make-journal.ts";
import { expectedDistribution, readRunningReleases, recordBaseline } from "./expected-distribution.ts";
import { recordEnding } from "./journaled-releases.ts";

const identity = "embedded:1";
const integrity = (version: string): { integrity: string } => ({ integrity: `sha512-core-${version}` });

describe("a registry is expected to hold", () => {
  test("nothing, by an empty journal", () => {
    expect(expectedDistribution([], identity)).toEqual({});
  });

  test("each released version, and the channel at the last one", () => {
    const journal = makeJournal();
    sealVersion(journal, "r1", { version: "1.0.0" });
    recordEnding(journal, "r1", { kind: "released" });
    sealVersion(journal, "r2", { version: "1.1.0", before: "1.0.0" });
    recordEnding(journal, "r2", { kind: "released" });
    sealVersion(journal, "r3", { version: "2.0.0-next.0", channel: "next" });
    recordEnding(journal, "r3", { kind: "released" });
    expect(expectedDistribution(journal.records, identity)).toEqual({
      core: {
        tags: { latest: "1.1.0", next: "2.0.0-next.0" },
        versions: {
          "1.0.0": integrity("1.0.0"),
          "1.1.0": integrity("1.1.0"),
          "2.0.0-next.0": integrity("2.0.0-next.0"),
        },
      },
    });
  });

  test("a rolled-back version as deprecated, and the channel where it was before", () => {
    const journal = makeJournal();
    sealVersion(journal, "r1", { version: "1.0.0" });
    recordEnding(journal, "r1", { kind: "released" });
    sealVersion(journal, "r2", { version: "1.1.0", before: "1.0.0" });
    recordEnding(journal, "r2", { kind: "released" });
    recordEnding(journal, "r2", { kind: "rolled-back", reason: "it loses data" });
    expect(expectedDistribution(journal.records, identity)).toEqual({
      core: {
        tags: { latest: "1.0.0" },
        versions: {
          "1.0.0": integrity("1.0.0"),
          "1.1.0": { ...integrity("1.1.0"), deprecated: "it loses data" },
        },
      },
    });
  });

  test("no channel at all after the first release is rolled back, and all of it after it is restored", () => {
    const journal = makeJournal();
    sealVersion(journal, "r1", { version: "1.0.0" });
    recordEnding(journal, "r1", { kind: "rolled-back", reason: "drill" });
    expect(expectedDistribution(journal.records, identity)["core"]?.tags).toEqual({});
    sealVersion(journal, "r2", { version: "1.0.0" });
    recordEnding(journal, "r2", { kind: "released" });
    expect(expectedDistribution(journal.records, identity)).toEqual({
      core: { tags: { latest: "1.0.0" }, versions: { "1.0.0": integrity("1.0.0") } },
    });
  });

  test("nothing of releases to another registry", () => {
    const journal = makeJournal();
    sealVersion(journal, "r1", { version: "1.0.0", registry: { name: "npm", identity: "elsewhere" } });
    recordEnding(journal, "r1", { kind: "released" });
    expect(expectedDistribution(journal.records, identity)).toEqual({});
  });
});

describe("a release that did not end", () => {
  const publish = { release: "r1", kind: "publish", target: "core@1.0.0" };

  test("is expected to have left nothing before it uploads", () => {
    const journal = makeJournal();
    sealVersion(journal, "r1", { version: "1.0.0" });
    journal.add({ ...publish, phase: "before" });
    expect(expectedDistribution(journal.records, identity)).toEqual({});
  });

  test("owns what it has uploaded: a watch meanwhile sees no stranger's version", () => {
    const journal = makeJournal();
    sealVersion(journal, "r1", { version: "1.0.0" });
    recordDone(journal, publish);
    const expected = { core: { tags: {}, versions: { "1.0.0": integrity("1.0.0") } } };
    expect(expectedDistribution(journal.records, identity)).toEqual(expected);
    recordEnding(journal, "r1", { kind: "abandoned", reason: "another source" });
    expect(expectedDistribution(journal.records, identity)).toEqual(expected);
  });

  test("no longer owns what was taken off the registry when it was given up", () => {
    const journal = makeJournal();
    sealVersion(journal, "r1", { version: "1.0.0" });
    recordDone(journal, publish);
    recordDone(journal, { ...publish, kind: "unpublish" });
    recordEnding(journal, "r1", { kind: "abandoned", reason: "another source" });
    expect(expectedDistribution(journal.records, identity)).toEqual({});
  });

  test("does not blot out that the version was rolled back before", () => {
    const journal = makeJournal();
    sealVersion(journal, "r0", { version: "1.0.0" });
    recordEnding(journal, "r0", { kind: "rolled-back", reason: "drill" });
    sealVersion(journal, "r1", { version: "1.0.0" });
    recordDone(journal, publish);
    expect(expectedDistribution(journal.records, identity)["core"]?.versions["1.0.0"]?.deprecated).toBe("drill");
  });

  test("has its staging tag known until it ends", () => {
    const journal = makeJournal();
    sealVersion(journal, "r1", { version: "1.0.0" });
    sealVersion(journal, "r2", { version: "1.1.0", stagingTag: "staging-2" });
    sealVersion(journal, "r3", { version: "1.1.0", stagingTag: "staging-3", registry: { name: "b", identity: "b" } });
    const stagingTags = () => readRunningReleases(journal.records, identity).ignoredTags;
    expect(stagingTags()).toEqual(["staging-1", "staging-2"]);
    recordEnding(journal, "r1", { kind: "released" });
    expect(stagingTags()).toEqual(["staging-2"]);
  });

  test("may have its channel at the old and the new version from the first move until it ends", () => {
    const journal = makeJournal();
    sealVersion(journal, "r1", { version: "1.0.0" });
    recordEnding(journal, "r1", { kind: "released" });
    sealVersion(journal, "r2", { version: "1.1.0", before: "1.0.0" });
    recordDone(journal, { release: "r2", kind: "publish", target: "core@1.1.0" });
    const look = (latest: string) => {
      const { records } = journal;
      const expected = expectedDistribution(records, identity);
      const found = { core: { tags: { latest }, versions: expected["core"]!.versions } };
      return compareDistribution(expected, found, readRunningReleases(records, identity)).map(({ kind }) => kind);
    };
    expect(look("1.1.0")).toEqual(["tag-moved"]);
    journal.add({ release: "r2", phase: "before", kind: "set-tag", target: "core:latest" });
    expect([look("1.0.0"), look("1.1.0"), look("0.9.0")]).toEqual([[], [], ["tag-moved"]]);
    recordEnding(journal, "r2", { kind: "released" });
    expect([look("1.0.0"), look("1.1.0")]).toEqual([["tag-moved"], []]);
    journal.add({ release: "r2", phase: "before", kind: "rollback", target: "r2", data: { reason: "x" } });
    journal.add({ release: "r2", phase: "before", kind: "set-tag", target: "core:latest" });
    expect(look("1.0.0")).toEqual([]);
  });
});

describe("a baseline", () => {
  const before = {
    tags: { latest: "0.9.0" },
    versions: { "0.9.0": { integrity: "sha512-old", deprecated: "old" }, "0.8.0": {} },
  };

  test("keeps what was there before the journal's first release, once", () => {
    const journal = makeJournal();
    recordBaseline(journal, { identity, state: { core: before }, release: "r1" });
    recordBaseline(journal, { identity, state: { core: { ...before, tags: {} } }, release: "r2" });
    expect(journal.records).toHaveLength(1);
    expect(expectedDistribution(journal.records, identity)).toEqual({ core: before });
    expect(expectedDistribution(journal.records, "embedded:2")).toEqual({});
  });

  test("is not made for packages that the registry does not have", () => {
    const journal = makeJournal();
    recordBaseline(journal, { identity, state: { core: { tags: {}, versions: {} } }, release: "r1" });
    expect(journal.records).toEqual([]);
  });

  test("is not made of what an own release has begun to put there", () => {
    const journal = makeJournal();
    sealVersion(journal, "r1", { version: "1.0.0" });
    recordBaseline(journal, { identity, state: { core: before }, release: "r2" });
    expect(expectedDistribution(journal.records, identity)).toEqual({});
  });

  test("is what releases are laid over", () => {
    const journal = makeJournal();
    recordBaseline(journal, {
      identity,
      state: { core: { ...before, tags: { latest: "0.9.0", lts: "0.8.0" } } },
      release: "r1",
    });
    sealVersion(journal, "r1", { version: "1.0.0", before: "0.9.0" });
    recordEnding(journal, "r1", { kind: "released" });
    expect(expectedDistribution(journal.records, identity)["core"]).toEqual({
      tags: { latest: "1.0.0", lts: "0.8.0" },
      versions: { ...before.versions, "1.0.0": integrity("1.0.0") },
    });
  });
});
