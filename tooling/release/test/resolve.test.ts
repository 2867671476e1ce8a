import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ResolveOutcome } from "../src/commands/resolve.ts";
import { type InProcessRun, runInProcess } from "./support/in-process.ts";
import { startThirdParties, type ThirdParties, type ThirdParty } from "./support/third-parties.ts";
import { makeTestRoot, startProgram, type TestRoot, type TestWorkspace } from "./support/workspace.ts";

let root: TestRoot;
let registry: ThirdParties;

const published: ThirdParty[] = [
  { name: "umbrella", version: "1.0.0", deprecated: "leaks" },
  { name: "umbrella", version: "1.4.0" },
  { name: "umbrella", version: "2.0.0" },
  { name: "tent", version: "1.0.0", dependencies: { umbrella: "1.0.0" } },
  { name: "tent", version: "1.1.0", dependencies: { umbrella: "^1.4.0" } },
  { name: "campsite", version: "1.0.0", dependencies: { umbrella: "^1.0.0" } },
  { name: "stove", version: "1.0.0" },
  { name: "stove", version: "2.0.0" },
  { name: "kettle", version: "1.0.0", peerDependencies: { stove: "^1.0.0" } },
  { name: "kettle", version: "1.1.0", peerDependencies: { stove: "^1.0.0 || ^2.0.0" } },
  { name: "lantern", version: "1.0.0" },
  { name: "lantern", version: "2.0.0", engines: { node: ">=99" } },
  { name: "generator", version: "1.0.0", scripts: { postinstall: "node index.js" } },
  { name: "campfire", version: "1.0.0", dependencies: { umbrella: "1.0.0" } },
  { name: "campfire", version: "1.1.0", dependencies: { umbrella: "1.0.0" } },
  { name: "campfire", version: "2.0.0", dependencies: { generator: "1.0.0" } },
  { name: "cooking-set", version: "1.0.0", dependencies: { stove: "^1.0.0" } },
  { name: "cooking-set", version: "2.0.0", dependencies: { stove: "^2.0.0" } },
];

beforeAll(async () => {
  root = makeTestRoot();
  registry = await startThirdParties(published);
});
afterAll(async () => {
  await registry?.[Symbol.asyncDispose]();
  root?.[Symbol.dispose]();
});

interface Case {
  dependencies: Record<string, string>;
  /** Over the manifest of the package. */
  manifest?: Record<string, unknown>;
  /** Lines of pnpm-workspace.yaml. */
  settings?: string;
  config?: object;
  prefix?: string;
}

/** A committed workspace whose package `@acme/core` has these dependencies, resolved by pnpm. */
async function makeCase(parts: Case): Promise<TestWorkspace> {
  const { dependencies, manifest = {}, settings = "", config = {}, prefix } = parts;
  const workspace = root.workspace({ config, ...(prefix === undefined ? {} : { prefix }) });
  workspace.write(".npmrc", `registry=${registry.url}\n`);
  workspace.edit("libs/core/package.json", (text) => {
    const before = JSON.parse(text) as Record<string, unknown>;
    return `${JSON.stringify({ ...before, dependencies, ...manifest }, null, 2)}\n`;
  });
  workspace.edit("pnpm-workspace.yaml", (text) => `${text}minimumReleaseAge: 0 # kept\n${settings}`);
  await pnpm(workspace, "install", "--lockfile-only", "--no-frozen-lockfile");
  workspace.commit("dependencies");
  return workspace;
}

async function pnpm({ folder }: TestWorkspace, ...args: string[]): Promise<void> {
  const run = await startProgram(["pnpm", ...args], { cwd: folder, env: root.env }).ended;
  expect(run.exitCode, run.text).toBe(0);
}

function resolve(workspace: TestWorkspace, ...args: string[]): Promise<InProcessRun> {
  return runInProcess(["resolve", ...args, "--cwd", workspace.folder]);
}

async function resolveAsJson(
  workspace: TestWorkspace,
  ...args: string[]
): Promise<ResolveOutcome & { exitCode: number }> {
  const run = await resolve(workspace, "--json", ...args);
  expect(run.stdout, run.text).toMatch(/^\{/);
  return { ...(JSON.parse(run.stdout) as ResolveOutcome), exitCode: run.exitCode };
}

/** Applies the diff with git, and lets pnpm and the gate say that all is well. */
async function expectDiffToWork(workspace: TestWorkspace, diff: string, args: string[] = []): Promise<void> {
  const patch = join(root.path, "resolve.diff");
  writeFileSync(patch, diff);
  workspace.git("apply", patch);
  await pnpm(workspace, "install", "--lockfile-only", "--frozen-lockfile");
  expect(await resolveAsJson(workspace, ...args)).toMatchObject({ outcome: "nothing-to-resolve", exitCode: 0 });
}

describe("resolve", () => {
  test.each<[string, Case, string[]]>([
    [
      "raises a deprecated dependency to the newest version of its major",
      { dependencies: { umbrella: "1.0.0" } },
      ["umbrella 1.0.0 → 1.4.0 in libs/core/package.json dependencies"],
    ],
    [
      "moves the catalog that a range stands in",
      { dependencies: { umbrella: "catalog:" }, settings: "catalog:\n  umbrella: ~1.0.0 # kept, too\n" },
      ["umbrella ~1.0.0 → ~1.4.0 in the default catalog"],
    ],
    [
      "raises what brings a deprecated version",
      { dependencies: { tent: "1.0.0" }, config: deprecatedIsError() },
      ["tent 1.0.0 → 1.1.0 in libs/core/package.json dependencies"],
    ],
    [
      "removes an override that holds an old version",
      { dependencies: { tent: "^1.0.0" }, settings: "overrides:\n  tent: 1.0.0\n", config: deprecatedIsError() },
      ["override of tent by 1.0.0 removed"],
    ],
    [
      "adds a peer that nobody provides",
      { dependencies: { kettle: "1.0.0" }, settings: "autoInstallPeers: false\n" },
      ["stove ^1.0.0 added to libs/core/package.json dependencies"],
    ],
    [
      "takes the version of a dependant that takes the peer",
      { dependencies: { stove: "^2.0.0", kettle: "1.0.0" } },
      ["kettle 1.0.0 → 1.1.0 in libs/core/package.json dependencies"],
    ],
    [
      "takes a version of the peer that all take",
      { dependencies: { stove: "2.0.0", kettle: "^1.0.0" }, settings: "overrides:\n  kettle: 1.0.0\n" },
      ["stove 2.0.0 → 1.0.0 in libs/core/package.json dependencies"],
    ],
    [
      "goes back to a version that runs on the Node that is claimed",
      { dependencies: { lantern: "^2.0.0" } },
      ["lantern ^2.0.0 → 1.0.0 in libs/core/package.json dependencies"],
    ],
    [
      "removes an override that consumers do not have",
      { dependencies: { "cooking-set": "1.0.0" }, settings: "overrides:\n  stove: 2.0.0\n" },
      ["override of stove by 2.0.0 removed"],
    ],
    [
      "raises what brings another version of a shared peer",
      { dependencies: { "cooking-set": "^1.0.0" }, manifest: { peerDependencies: { stove: "^2.0.0" } } },
      ["cooking-set ^1.0.0 → ^2.0.0 in libs/core/package.json dependencies"],
    ],
  ])("%s", async (_title, parts, what) => {
    const workspace = await makeCase(parts);
    const outcome = await resolveAsJson(workspace);
    expect(outcome).toMatchObject({ outcome: "resolved", exitCode: 0, left: [], written: [] });
    expect(outcome.resolved.flatMap((entry) => (entry.changes.length > 0 ? entry.what : []))).toEqual(what);
    expect(workspace.git("status", "--porcelain")).toBe("");
    await expectDiffToWork(workspace, outcome.diff);
  });

  test("keeps how files are written, but for what it changes", async () => {
    const workspace = await makeCase({
      dependencies: { umbrella: "catalog:" },
      settings: "catalog:\n  umbrella: 1.0.0 # kept\n",
    });
    const { diff } = await resolveAsJson(workspace);
    expect(diff).toContain("-  umbrella: 1.0.0 # kept\n+  umbrella: 1.4.0 # kept\n");
    expect(diff.match(/^diff --git .*$/gm)).toEqual([
      "diff --git a/pnpm-lock.yaml b/pnpm-lock.yaml",
      "diff --git a/pnpm-workspace.yaml b/pnpm-workspace.yaml",
    ]);
  });

  test("prints a diff for the repository, and nothing else, on standard output", async () => {
    const workspace = await makeCase({ dependencies: { umbrella: "1.0.0" }, prefix: "apps/shop" });
    const run = await resolve(workspace);
    expect(run).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^diff --git a\/apps\/shop\//) });
    expect(run.text).toContain("✔ deprecated: umbrella@1.0.0 is deprecated");
    await expectDiffToWork(workspace, run.stdout);
  });

  test("writes into the workspace only when it is told to", async () => {
    const workspace = await makeCase({ dependencies: { umbrella: "1.0.0" } });
    const outcome = await resolveAsJson(workspace, "--write");
    expect(outcome).toMatchObject({ outcome: "resolved", written: ["pnpm-lock.yaml", "libs/core/package.json"] });
    expect(workspace.git("diff", "--name-only")).toBe("libs/core/package.json\npnpm-lock.yaml");
    expect(await resolveAsJson(workspace)).toMatchObject({ outcome: "nothing-to-resolve" });
  });

  test("says for what it found nothing, and why, with exit code 14", async () => {
    const workspace = await makeCase({ dependencies: { generator: "1.0.0", umbrella: "1.0.0" } });
    const outcome = await resolveAsJson(workspace);
    expect(outcome).toMatchObject({ outcome: "unresolved", exitCode: 14 });
    expect(outcome.left.map(({ finding }) => finding.rule)).toContain("install-script");
    expect(outcome.left[0]!.reason).toContain("Neither a newer version nor one that its dependants take is known");
    // What it found for the others is there all the same.
    expect(outcome.resolved.map(({ finding }) => finding.rule)).toContain("deprecated");
    expect(outcome.diff).toContain('+    "umbrella": "1.4.0"');
  });

  test("resolves anew what the ranges allow and an old lockfile holds back", async () => {
    await registry.publish({ name: "tarpaulin", version: "1.0.0", deprecated: "leaks" });
    await registry.publish({ name: "awning", version: "1.0.0", dependencies: { tarpaulin: "^1.0.0" } });
    const workspace = await makeCase({ dependencies: { awning: "1.0.0" }, config: deprecatedIsError() });
    await registry.publish({ name: "tarpaulin", version: "1.1.0" });
    const outcome = await resolveAsJson(workspace);
    expect(outcome.resolved[0]!.what).toEqual(["tarpaulin resolved anew within its ranges"]);
    await expectDiffToWork(workspace, outcome.diff);
  });

  test("names each try that did not do, with its reason", async () => {
    const workspace = await makeCase({ dependencies: { campfire: "1.0.0" }, config: deprecatedIsError() });
    const { left, diff, exitCode } = await resolveAsJson(workspace);
    expect([diff, exitCode]).toEqual(["", 14]);
    expect(left[0]!.attempts.map(({ what, why }) => [what, why])).toEqual([
      [["umbrella resolved anew within its ranges"], "the finding stays"],
      [["campfire 1.0.0 → 1.1.0 in libs/core/package.json dependencies"], "the finding stays"],
      [
        ["campfire 1.0.0 → 2.0.0 in libs/core/package.json dependencies"],
        expect.stringContaining("there is a new error: install-script: generator@1.0.0 runs postinstall"),
      ],
    ]);
  });

  test("leaves what is waived, and warnings unless it is told to try them", async () => {
    const waiver = { gate: "conflicts", rule: "deprecated", dependency: "umbrella", owner: "Ada", reason: "soon" };
    const expires = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    const config = { policy: { waivers: [{ ...waiver, expires }] } };
    const workspace = await makeCase({ dependencies: { umbrella: "1.0.0" }, config });
    expect(await resolveAsJson(workspace)).toMatchObject({ outcome: "nothing-to-resolve", exitCode: 0, diff: "" });
    const warned = await makeCase({ dependencies: { tent: "1.0.0" } });
    expect(await resolveAsJson(warned)).toMatchObject({ outcome: "nothing-to-resolve" });
    const outcome = await resolveAsJson(warned, "--warnings");
    expect(outcome.resolved.flatMap((entry) => entry.what)).toEqual([
      "tent 1.0.0 → 1.1.0 in libs/core/package.json dependencies",
    ]);
    await expectDiffToWork(warned, outcome.diff, ["--warnings"]);
  });

  test("fails where the registry does not answer", async () => {
    const workspace = await makeCase({ dependencies: { umbrella: "1.0.0" } });
    workspace.write(".npmrc", "registry=http://127.0.0.1:1/\n");
    const run = await resolve(workspace, "--json");
    expect(run.exitCode, run.text).toBe(14);
    expect(run.stdout).toContain("the registry of the dependencies cannot be asked");
  }, 30_000);
});

function deprecatedIsError(): object {
  return { policy: { conflicts: { deprecated: "error" } } };
}
