import { afterAll, beforeAll, expect, test } from "vitest";
import { runInProcess } from "./support/in-process.ts";
import { startThirdParties, type ThirdParties } from "./support/third-parties.ts";
import { makeTestRoot, startProgram, type TestRoot, type TestWorkspace } from "./support/workspace.ts";

let root: TestRoot;
let registry: ThirdParties;

beforeAll(async () => {
  root = makeTestRoot();
  registry = await startThirdParties([
    { name: "umbrella", version: "1.0.0", deprecated: "leaks" },
    { name: "umbrella", version: "1.4.0" },
  ]);
});
afterAll(async () => {
  await registry?.[Symbol.asyncDispose]();
  root?.[Symbol.dispose]();
});

async function depend({ folder, write, edit, commit }: TestWorkspace, range: string): Promise<void> {
  write(".npmrc", `registry=${registry.url}\n`);
  edit("pnpm-workspace.yaml", (text) => `${text}minimumReleaseAge: 0\n`);
  edit("libs/core/package.json", (text) => {
    const manifest = JSON.parse(text) as Record<string, unknown>;
    return `${JSON.stringify({ ...manifest, dependencies: { umbrella: range } }, null, 2)}\n`;
  });
  const run = await startProgram(["pnpm", "install", "--lockfile-only"], { cwd: folder, env: root.env }).ended;
  expect(run.exitCode, run.text).toBe(0);
  commit("depend on umbrella");
}

test("a release stops at a conflict of dependencies, which is named, and does not without", async () => {
  const [faulty, sound] = [
    root.workspace({ config: { gates: ["conflicts"] } }),
    root.workspace({ config: { gates: ["conflicts"] } }),
  ];
  await depend(faulty, "1.0.0");
  const stopped = await runInProcess(["--cwd", faulty.folder]);
  expect(stopped.exitCode, stopped.text).toBe(14);
  expect(stopped.text).toContain("Gates that did not pass: conflicts");
  expect(stopped.text).toContain('umbrella@1.0.0 is deprecated: "leaks"');
  await depend(sound, "1.4.0");
  const passed = await runInProcess(["--cwd", sound.folder]);
  expect(passed.exitCode, passed.text).toBe(0);
}, 120_000);
