import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serveInProcess } from "./support/in-process.ts";
import { enterTestRoot, type KillPoint, listPoints, makeReleasedChain } from "./support/kill-lab.ts";
import { type Outcome, readOutcome } from "./support/outcome.ts";
import { converge, sweep } from "./support/sweep.ts";
import type { TestRoot, TestWorkspace } from "./support/workspace.ts";

let root: TestRoot;
let from: TestWorkspace;
let released: TestWorkspace;
let points: KillPoint[];
let outcome: Outcome;

beforeAll(async () => {
  root = enterTestRoot();
  from = await makeReleasedChain(root);
  released = from.copy();
  points = await listPoints(released);
  await using registry = await serveInProcess(released.folder);
  outcome = await readOutcome(released, registry);
});
afterAll(() => root?.[Symbol.dispose]());

const select = (kind: string, moment: string): KillPoint[] =>
  points.filter(({ point }) => point.startsWith(`${kind}:`) && point.endsWith(`:${moment}`));

test("an undisturbed release is what the others are compared with", () => {
  expect(outcome.releases.map(({ state }) => state)).toEqual(["released", "released"]);
  for (const { tags, versions } of Object.values(outcome.registry)) {
    expect(tags).toEqual({ latest: "1.1.0", stable: "1.0.0" });
    expect(Object.keys(versions)).toEqual(["1.0.0", "1.1.0"]);
  }
  expect(outcome.gitTags).toHaveLength(6);
  const done = select("record", "after").map(({ what }) => what.replace(/staging-\w+|\b[0-9a-f]{64}\b/, "…"));
  expect(done.toSorted()).toMatchInlineSnapshot(`
    [
      "after git-tag rehearsal/@acme/a@1.1.0",
      "after git-tag rehearsal/@acme/b@1.1.0",
      "after git-tag rehearsal/@acme/c@1.1.0",
      "after publish @acme/a@1.1.0",
      "after publish @acme/b@1.1.0",
      "after publish @acme/c@1.1.0",
      "after remove-tag @acme/a:…",
      "after remove-tag @acme/b:…",
      "after remove-tag @acme/c:…",
      "after set-tag @acme/a:latest",
      "after set-tag @acme/b:latest",
      "after set-tag @acme/c:latest",
      "after step judge",
      "after step promote",
      "after step read-back",
      "after step record",
      "after step sign",
      "after step smoke",
      "after step stage",
      "before git-tag rehearsal/@acme/a@1.1.0",
      "before git-tag rehearsal/@acme/b@1.1.0",
      "before git-tag rehearsal/@acme/c@1.1.0",
      "before publish @acme/a@1.1.0",
      "before publish @acme/b@1.1.0",
      "before publish @acme/c@1.1.0",
      "before remove-tag @acme/a:…",
      "before remove-tag @acme/b:…",
      "before remove-tag @acme/c:…",
      "before set-tag @acme/a:latest",
      "before set-tag @acme/b:latest",
      "before set-tag @acme/c:latest",
      "before step judge",
      "before step promote",
      "before step read-back",
      "before step record",
      "before step sign",
      "before step smoke",
      "before step stage",
      "note released …",
      "note seal local",
    ]
  `);
});

describe("a release that is killed and run again ends as if nothing had been,", { timeout: 600_000 }, () => {
  test("killed after a journal record was written", async () => {
    expect(await sweep({ from, points: select("record", "after"), outcome, registry: "served" })).toEqual([]);
  });

  test("killed before a journal record is whole", async () => {
    // What announces an effect follows the record before it at once: killed there, that one was the last.
    const due = select("record", "torn").filter(({ what }) => !what.startsWith("before "));
    expect(due.length).toBeGreaterThanOrEqual(20);
    expect(await sweep({ from, points: due, outcome, registry: "served" })).toEqual([]);
  });

  test("killed before, during and after each change of the registry", async () => {
    const due = ["before", "half", "answered"].flatMap((moment) => select("request", moment));
    expect(due.length).toBeGreaterThanOrEqual(24);
    expect(await sweep({ from, points: due, outcome, registry: "served" })).toEqual([]);
  });

  test("killed again in each step of it", async () => {
    const chain = [
      "note seal local:torn",
      "after step judge:before",
      "after step sign:torn",
      "PUT /@acme/b:half",
      "after step stage:torn",
      "after step read-back:before",
      "after step smoke:torn",
      "PUT /-/package/@acme/b/dist-tags/latest:answered",
      "after step promote:torn",
      "before git-tag rehearsal/@acme/b@1.1.0:after",
      `note released ${outcome.releases.at(-1)?.id}:torn`,
    ];
    await expect(converge(chain, { from, outcome, registry: "served" })).resolves.toBeUndefined();
  });

  test("killed at each file of its evidence in turn, when it is written and not yet in its place", async () => {
    const evidence = `${released.folder}/.hxp/releases/`;
    const files = select("rename", "before").flatMap(({ what }) => (what.startsWith(evidence) ? [what] : []));
    expect(files.length).toBeGreaterThan(20);
    const copy = from.copy();
    const chain = files.map((file) => `${file.replace(released.folder, copy.folder)}:before`);
    const options = { from: { ...copy, copy: () => copy }, outcome, registry: "served" } as const;
    await expect(converge(chain, options)).resolves.toBeUndefined();
  });
});
