import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runInProcess, serveInProcess } from "./support/in-process.ts";
import {
  enterTestRoot,
  listPoints,
  makeReleasedChain,
  readPoints,
  releaseInProcess,
  startRelease,
} from "./support/kill-lab.ts";
import { findUnended, type Outcome, readOutcome, readRecords } from "./support/outcome.ts";
import type { Running, TestRoot, TestWorkspace } from "./support/workspace.ts";

let root: TestRoot;
let from: TestWorkspace;
let outcome: Outcome;
beforeAll(async () => {
  root = enterTestRoot();
  from = await makeReleasedChain(root);
  const released = from.copy();
  await listPoints(released);
  await using registry = await serveInProcess(released.folder);
  outcome = await readOutcome(released, registry);
});
afterAll(() => root?.[Symbol.dispose]());

describe("a release that is stopped with Ctrl-C", () => {
  test.each([
    ["while it uploads", "PUT /@acme/b:before"],
    ["while it moves the channel", "PUT /-/package/@acme/b/dist-tags/latest:before"],
    ["while it builds", "true:during"],
  ])("%s exits 130, leaves no lease and no mixed channel, and goes on later", async (_when, at) => {
    const workspace = from.copy();
    const { ended } = startRelease(workspace, { env: { HXP_KILL_AT: at, HXP_KILL_SIGNAL: "SIGINT" } });
    const run = await ended;
    expect(run.exitCode, run.text).toBe(130);
    expect(run.stderr).toContain("The same command goes on where it was.");
    expect(existsSync(join(workspace.folder, ".hxp/lease.json"))).toBe(false);
    expect(findUnended(readRecords(workspace))).toEqual([]);
    await using registry = await serveInProcess(workspace.folder);
    const stopped = await readOutcome(workspace, registry);
    expect(Object.values(stopped.registry).map(({ tags }) => tags["latest"])).toEqual(["1.0.0", "1.0.0", "1.0.0"]);
    await releaseInProcess(workspace);
    expect(await readOutcome(workspace, registry)).toEqual(outcome);
  });
});

describe("while a release runs", () => {
  let workspace: TestWorkspace;
  let first: Running;
  beforeAll(async () => {
    workspace = from.copy();
    const list = `${workspace.folder}.points`;
    const at = "PUT /-/package/@acme/b/dist-tags/latest:answered";
    first = startRelease(workspace, { env: { HXP_KILL_AT: at, HXP_KILL_SIGNAL: "SIGSTOP", HXP_KILL_LIST: list } });
    await waitFor(
      () => existsSync(list) && readPoints(list).some(({ what, point }) => `${what}:${point.split(":")[2]}` === at),
    );
  });
  afterAll(() => first?.child.kill("SIGKILL"));

  test.each([[[]], [["plan"]], [["publish"]], [["rollback", "--reason", "x"]], [["keys", "rotate"]]])(
    "a second one, %j, exits 12, names the first, and touches nothing",
    async (args) => {
      const before = readRecords(workspace).length;
      const run = await runInProcess([...args, "--cwd", workspace.folder]);
      expect(run.text).toContain(`LEASE_HELD: `);
      expect(run.text).toContain(`process ${first.child.pid} `);
      expect(run.exitCode).toBe(12);
      expect(readRecords(workspace)).toHaveLength(before);
    },
  );

  test("the first ends well after all that", async () => {
    first.child.kill("SIGCONT");
    const run = await first.ended;
    expect(run.exitCode, run.text).toBe(0);
    await using registry = await serveInProcess(workspace.folder);
    expect(await readOutcome(workspace, registry)).toEqual(outcome);
  });
});

async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}
