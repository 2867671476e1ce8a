import { mkdirSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDepsProgram } from "../src/cli/create-deps-program.ts";
import { type InProcessRun, runInProcess } from "./support/in-process.ts";
import { startThirdParties, type ThirdParties, type ThirdParty } from "./support/third-parties.ts";
import { makeTestRoot, startProgram, type TestRoot, type TestWorkspace } from "./support/workspace.ts";

let root: TestRoot;
let registry: ThirdParties;
let template: TestWorkspace;

beforeAll(async () => {
  root = makeTestRoot();
  registry = await startThirdParties([
    { name: "in-range", version: "1.0.0", license: "MIT" },
    { name: "pinned", version: "1.0.0", license: "MIT" },
    { name: "turns-gpl", version: "1.0.0", license: "MIT" },
    { name: "in-catalog", version: "1.0.0", license: "ISC" },
    { name: "scripted", version: "1.0.0", license: "MIT" },
    { name: "turns-weak", version: "1.0.0", license: "MIT" },
  ]);
  // Every gate judges an update, also those that a rehearsal leaves out; without managers one of them cannot.
  template = root.workspace({
    config: {
      nodes: ["22.23.3"],
      managers: [],
      gates: ["contents"],
      policy: { advisories: { minimumEntries: 1 }, rehearsal: { mayNotRun: ["compatibility"] } },
    },
  });
  template.write(".npmrc", `registry=${registry.url}\n`);
  template.edit(
    "pnpm-workspace.yaml",
    (text) => `${text}minimumReleaseAge: 0\ncatalog:\n  in-catalog: ^1.0.0 # kept\n`,
  );
  template.edit("libs/core/package.json", (text) => {
    const manifest = JSON.parse(text) as Record<string, unknown>;
    const dependencies = {
      "in-range": "^1.0.0",
      pinned: "1.0.0",
      "turns-gpl": "1.0.0",
      "in-catalog": "catalog:",
      scripted: "1.0.0",
      "turns-weak": "1.0.0",
    };
    return `${JSON.stringify({ ...manifest, dependencies }, null, 2)}\n`;
  });
  await lock(template);
  await publishAll([
    { name: "in-range", version: "1.0.1", license: "MIT" },
    { name: "pinned", version: "1.0.1", license: "MIT" },
    { name: "turns-gpl", version: "2.0.0", license: "MIT", dependencies: { "new-gpl": "1.0.0" } },
    { name: "new-gpl", version: "1.0.0", license: "GPL-3.0-only" },
    { name: "in-catalog", version: "1.2.0", license: "ISC" },
    { name: "scripted", version: "1.0.1", license: "MIT", scripts: { postinstall: "node index.js" } },
    { name: "turns-weak", version: "1.0.1", license: "MIT" },
  ]);
  template.git("config", "user.name", "Test");
  template.git("config", "user.email", "test@acme.example");
  template.commit("dependencies");
  await importAdvisory();
}, 120_000);
afterAll(async () => {
  await registry?.[Symbol.asyncDispose]();
  root?.[Symbol.dispose]();
});

/** An imported database is the workspace's, wherever an update is tried. */
async function importAdvisory(): Promise<void> {
  const folder = `${root.path}/advisories`;
  mkdirSync(folder);
  const events = [{ introduced: "1.0.1" }];
  const affected = [{ package: { ecosystem: "npm", name: "turns-weak" }, ranges: [{ type: "SEMVER", events }] }];
  const entry = { id: "GHSA-weak-0000-0001", modified: new Date().toISOString(), summary: "Weak", affected };
  writeFileSync(`${folder}/weak.json`, JSON.stringify(entry));
  await runInProcess(["advisories", "import", folder, "--cwd", template.folder]);
}

async function publishAll(manifests: readonly ThirdParty[]): Promise<void> {
  for (const manifest of manifests) await registry.publish(manifest);
}

/** Not blocking: the registry is in this process. */
async function lock({ folder }: TestWorkspace): Promise<void> {
  const run = await startProgram(["pnpm", "install", "--lockfile-only"], { cwd: folder, env: root.env }).ended;
  expect(run.exitCode, run.text).toBe(0);
}

function deps(workspace: TestWorkspace, ...args: string[]): Promise<InProcessRun> {
  return runInProcess([...args, "--json", "--cwd", workspace.folder], { createProgram: createDepsProgram });
}

interface Outcome {
  outcome: "kept" | "left";
  group: string;
  updates: { name: string }[];
  reason?: string;
  notRun?: string[];
}

test("outdated lists direct dependencies in groups by risk, and what speaks against each", async () => {
  const run = await deps(template, "outdated");
  expect(run.exitCode, run.text).toBe(0);
  const { groups } = JSON.parse(run.stdout) as {
    groups: { name: string; risk: string; updates: { name: string; latest: string; concerns: string[] }[] }[];
  };
  // All of them were published a moment ago, which is a concern of its own.
  expect(groups.map(({ name, risk }) => [name, risk])).toEqual([
    ["concern-in-catalog", "concern"],
    ["concern-in-range", "concern"],
    ["concern-pinned", "concern"],
    ["concern-scripted", "concern"],
    ["concern-turns-gpl", "concern"],
    ["concern-turns-weak", "concern"],
  ]);
  const scripted = groups.find(({ name }) => name === "concern-scripted");
  expect(scripted?.updates[0]?.concerns).toContain("it runs a script at postinstall");
});

test("update keeps what passes the gates as one commit each, and leaves what does not with its reason", async () => {
  const workspace = template.copy();
  const first = workspace.git("rev-parse", "HEAD");
  const run = await deps(workspace, "update", "in-range", "pinned", "in-catalog", "turns-gpl", "turns-weak");
  expect(run.exitCode, run.text).toBe(14);
  const { outcomes } = JSON.parse(run.stdout) as { outcomes: Outcome[] };
  expect(outcomes.map(({ outcome, updates }) => [outcome, updates.map(({ name }) => name)])).toEqual([
    ["kept", ["in-catalog"]],
    ["kept", ["in-range"]],
    ["kept", ["pinned"]],
    ["left", ["turns-gpl"]],
    ["left", ["turns-weak"]],
  ]);
  expect(outcomes.at(-2)?.reason).toContain("new-gpl@1.0.0 is under GPL-3.0-only");
  expect(outcomes.at(-1)?.reason).toContain("GHSA-weak-0000-0001");
  const subjects = workspace.git("log", "--reverse", "--format=%s", `${first}..HEAD`).split("\n");
  expect(subjects).toEqual([
    "chore(deps): update in-catalog to 1.2.0",
    "chore(deps): update in-range to 1.0.1",
    "chore(deps): update pinned to 1.0.1",
  ]);
  const message = workspace.git("log", "-1", "--format=%b");
  expect(message).toContain("- pinned 1.0.0 → 1.0.1");
  const [notRun] = outcomes[0]?.notRun ?? [];
  expect(notRun).toMatch(/^not run: compatibility: `managers` in the release configuration is empty/);
  expect(message).toContain(`\nMatrix: not executed.\n${notRun}`);
  expect(workspace.git("status", "--porcelain")).toBe("");
  const manifest = workspace.readJson("libs/core/package.json") as { dependencies: Record<string, string> };
  expect(manifest.dependencies).toMatchObject({ "in-range": "^1.0.0", pinned: "1.0.1", "turns-gpl": "1.0.0" });
  expect(workspace.read("pnpm-workspace.yaml")).toContain("in-catalog: ^1.0.0 # kept");
  const lockfile = workspace.read("pnpm-lock.yaml");
  for (const id of ["in-range@1.0.1", "in-catalog@1.2.0", "pinned@1.0.1", "turns-gpl@1.0.0"])
    expect(lockfile).toContain(id);
  // Consumers get another range of one of them only.
  expect(workspace.git("log", "--format=", "--name-only", "--diff-filter=A", `${first}..HEAD`)).toBe(
    ".changeset/deps-concern-pinned-1-0-1.md",
  );
  expect(workspace.read(".changeset/deps-concern-pinned-1-0-1.md")).toBe(
    '---\n"@acme/core": patch\n---\n\nUpdate pinned 1.0.0 → 1.0.1.\n',
  );
}, 300_000);

test("update tries nothing in a workspace that differs from its commit, or that does not pass as it is", async () => {
  const workspace = template.copy();
  workspace.write("stray.txt", "x");
  const dirty = await deps(workspace, "update", "pinned");
  expect(dirty.exitCode, dirty.text).toBe(2);
  expect(dirty.stdout).toContain("WORKSPACE_DIRTY");
  expect(dirty.stdout).toContain("stray.txt");
  // That is a release's word.
  expect(dirty.stdout).not.toContain("--allow-dirty");
  workspace.remove("stray.txt");
  workspace.edit("libs/left/package.json", (text) => text.replace('"license": "MIT"', '"license": "GPL-3.0-only"'));
  workspace.commit();
  const head = workspace.git("rev-parse", "HEAD");
  const failing = await deps(workspace, "update", "pinned");
  expect(failing.exitCode, failing.text).toBe(14);
  expect(failing.stdout).toContain("does not pass the gates as it is");
  expect(workspace.git("rev-parse", "HEAD")).toBe(head);
}, 120_000);

test("update says which names have no newer version", async () => {
  const run = await deps(template, "update", "nonsense");
  expect(run.exitCode, run.text).toBe(2);
  expect(run.stdout).toContain("No newer version is known of nonsense");
});
