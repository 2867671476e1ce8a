import { readRegistryState } from "@hxp/release-registry";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { readReleases } from "../src/journal/journaled-releases.ts";
import {
  chainConfig,
  changeChain,
  enterTestRoot,
  type KillPoint,
  killRelease,
  listPoints,
  releaseInProcess,
} from "./support/kill-lab.ts";
import { chainNames, findUnended, readRecords } from "./support/outcome.ts";
import { startLyingRegistry, type LyingRegistry } from "./support/lying-registry.ts";
import type { TestRoot, TestWorkspace } from "./support/workspace.ts";

// In this process, what `leavingGatesOut` does in others.
vi.mock(import("../src/judge/assert-all-gates.ts"), () => ({ assertAllGates: () => {} }));

const args = ["--to", "company"];
let root: TestRoot;
let registry: LyingRegistry;
let pending: { workspace: TestWorkspace; data: string };
let points: KillPoint[];
let undisturbed: Awaited<ReturnType<typeof readWhatIsWhere>>;

beforeAll(async () => {
  root = enterTestRoot();
  registry = await startLyingRegistry(root.path);
  process.env["NPM_TOKEN"] = registry.token;
  const registries = { company: { url: registry.url, acceptFirstLatest: true } };
  const workspace = root.workspace({ fixture: "chain", config: { ...chainConfig, registries } });
  await releaseInProcess(workspace, args);
  changeChain(workspace);
  pending = { workspace, data: await registry.snapshot() };
  const released = workspace.copy();
  points = await listPoints(released, args);
  undisturbed = await readWhatIsWhere(released);
});
afterAll(async () => {
  await registry?.[Symbol.asyncDispose]();
  root?.[Symbol.dispose]();
});

async function readWhatIsWhere(workspace: TestWorkspace) {
  return {
    registry: await readRegistryState(registry.client(), chainNames),
    releases: readReleases(readRecords(workspace)).map(({ id, state }) => ({ id, state })),
    references: workspace.git("for-each-ref", "--format=%(refname) %(objectname)"),
    log: workspace.git("log", "--format=%s", "main"),
    status: workspace.git("status", "--porcelain"),
  };
}

test("an undisturbed release to a registry elsewhere moves the branch to the release commit", () => {
  expect(undisturbed.releases.map(({ state }) => state)).toEqual(["released", "released"]);
  expect(undisturbed.log).toBe("chore(release): version packages\nchange\nfirst");
  expect(undisturbed.status).toBe("");
});

test(
  "a release that is killed while it ends and its branch follows is not taken back",
  { timeout: 300_000 },
  async () => {
    const due = points.filter(({ point, what }) => point.startsWith("record:") && /advance|^note released/.test(what));
    expect(due).toHaveLength(9);
    for (const { point, what } of due) {
      await registry.restore(pending.data);
      const workspace = pending.workspace.copy();
      await killRelease(workspace, point, args);
      const killedAt = readRecords(workspace).length;
      await releaseInProcess(workspace, args);
      expect(await readWhatIsWhere(workspace), `${point} ${what}`).toEqual(undisturbed);
      expect(findUnended(readRecords(workspace)).every(({ sequence }) => sequence < killedAt)).toBe(true);
    }
  },
);
