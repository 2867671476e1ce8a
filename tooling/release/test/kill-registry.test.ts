import { afterAll, beforeAll, expect, test } from "vitest";
import { serveInProcess } from "./support/in-process.ts";
import { enterTestRoot, type KillPoint, listPoints, makeChain, releaseInProcess } from "./support/kill-lab.ts";
import { type Outcome, readOutcome } from "./support/outcome.ts";
import { sweep } from "./support/sweep.ts";
import type { TestRoot, TestWorkspace } from "./support/workspace.ts";

let root: TestRoot;
let from: TestWorkspace;
let points: KillPoint[];
let outcome: Outcome;

beforeAll(async () => {
  root = enterTestRoot();
  from = makeChain(root);
  // Gives its registry the random name that is part of a release's id.
  await releaseInProcess(from, ["plan"]);
  const released = from.copy();
  points = await listPoints(released);
  await using registry = await serveInProcess(released.folder);
  outcome = await readOutcome(released, registry);
});
afterAll(() => root?.[Symbol.dispose]());

test(
  "a first release converges wherever its registry dies with it, in the middle of a write",
  { timeout: 600_000 },
  async () => {
    for (const { tags } of Object.values(outcome.registry)) expect(tags).toEqual({ latest: "1.0.0" });
    const uploads = points.filter(({ point }) => /^storage:\d+:(half|answered)$/.test(point));
    const tags = points.filter(
      ({ point, what }) => point.startsWith("rename:") && /\/registry\/packages\/.*\/package\.json$/.test(what),
    );
    expect([uploads.length, tags.length]).toEqual([6, 12]);
    const due = [...uploads, ...tags];
    expect(await sweep({ from, points: due, outcome, registry: "embedded" })).toEqual([]);
  },
);
