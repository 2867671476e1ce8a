import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runInProcess, serveInProcess } from "./support/in-process.ts";
import {
  enterTestRoot,
  type KillPoint,
  killRelease,
  listPoints,
  makeReleasedChain,
  releaseInProcess,
} from "./support/kill-lab.ts";
import { type Outcome, readOutcome } from "./support/outcome.ts";
import { sweep } from "./support/sweep.ts";
import type { TestRoot, TestWorkspace } from "./support/workspace.ts";

let root: TestRoot;
let pending: TestWorkspace;
beforeAll(async () => {
  root = enterTestRoot();
  pending = await makeReleasedChain(root);
});
afterAll(() => root?.[Symbol.dispose]());

/** Where an effect is announced and not made, cut off, made and not looked at, made and not recorded. */
const atEffects = ({ point, what }: KillPoint): boolean =>
  what.startsWith("before ")
    ? /^record:\d+:after$/.test(point)
    : /^record:\d+:torn$|^request:\d+:(half|answered)$/.test(point);

async function readServed(workspace: TestWorkspace): Promise<Outcome> {
  await using registry = await serveInProcess(workspace.folder);
  return await readOutcome(workspace, registry);
}

describe("a rollback that is killed", { timeout: 600_000 }, () => {
  const args = ["rollback", "--reason", "it lies"];
  let released: TestWorkspace;
  let points: KillPoint[];
  let outcome: Outcome;

  beforeAll(async () => {
    released = pending.copy();
    await releaseInProcess(released);
    const undisturbed = released.copy();
    points = await listPoints(undisturbed, args);
    outcome = await readServed(undisturbed);
  });

  test("is compared with one that nobody disturbed", () => {
    expect(outcome.releases.map(({ state }) => state)).toEqual(["released", "rolled-back"]);
    for (const { tags, versions } of Object.values(outcome.registry)) {
      expect(tags).toEqual({ latest: "1.0.0", stable: "1.0.0" });
      expect(versions["1.1.0"]?.deprecated).toBe("it lies");
      expect(versions["1.0.0"]?.deprecated).toBeUndefined();
    }
  });

  test("is ended by the same command, which takes back no other release", async () => {
    const due = points.filter(atEffects);
    expect(due.length).toBeGreaterThan(20);
    expect(await sweep({ from: released, points: due, outcome, args, registry: "served" })).toEqual([]);
  });

  test.each(["PUT /-/package/@acme/b/dist-tags/latest:answered", "after deprecate @acme/a@1.1.0:torn"])(
    "at %s is ended by the next release, which then refuses the version",
    async (at) => {
      const workspace = released.copy();
      await killRelease(workspace, at, args);
      const run = await runInProcess(["--cwd", workspace.folder]);
      expect(run.text).toContain("VERSION_ROLLED_BACK");
      expect(run.exitCode).toBe(15);
      expect(await readServed(workspace)).toEqual(outcome);
    },
  );
});

describe("a release that was killed and is not to go on", { timeout: 600_000 }, () => {
  let torn: TestWorkspace;
  let points: KillPoint[];
  let outcome: Outcome;

  beforeAll(async () => {
    torn = pending.copy();
    await killRelease(torn, "before git-tag rehearsal/@acme/c@1.1.0:after");
    torn.change({ "@acme/a": "major" });
    torn.commit();
    const undisturbed = torn.copy();
    points = await listPoints(undisturbed);
    outcome = await readServed(undisturbed);
  });

  test("is taken back by the release of another commit: tags, versions, git tags", () => {
    expect(outcome.releases.map(({ state }) => state)).toEqual(["released", "abandoned", "released"]);
    const versions = Object.values(outcome.registry).map((entry) => Object.keys(entry.versions));
    expect(versions).toEqual([
      ["1.0.0", "2.0.0"],
      ["1.0.0", "1.1.0"],
      ["1.0.0", "1.1.0"],
    ]);
    expect(outcome.registry["@acme/a"]?.tags).toEqual({ latest: "2.0.0", stable: "1.0.0" });
    expect(outcome.gitTags).toHaveLength(6);
    expect(outcome.gitTags.join()).not.toContain("@acme/a@1.1.0");
  });

  test("is taken back all the same when that is killed on the way", async () => {
    const last = points.findLastIndex(({ what }) => what.startsWith("note abandoned"));
    const due = points.slice(0, last + 1).filter(atEffects);
    expect(due.length).toBeGreaterThan(20);
    expect(await sweep({ from: torn, points: due, outcome, registry: "served" })).toEqual([]);
  });
});
