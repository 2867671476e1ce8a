import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  after,
  before,
  expectFailure,
  expectSuccess,
  useTamperTemplate,
  toCompany,
} from "./support/tamper-template.ts";
import { startProgram, type TestWorkspace } from "./support/workspace.ts";

const template = useTamperTemplate();

describe("a second release at the same time", () => {
  test("is turned away with the holder's process, and the first one ends well", async () => {
    const workspace = await template.planned();
    const held = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    template.registry.use(async ({ asked, pass }) => {
      if (asked === "PUT /@acme/core") {
        reached.resolve();
        await held.promise;
      }
      return pass();
    });
    await using first = workspace.start(["publish", ...toCompany], template.env);
    await Promise.race([reached.promise, first.ended]);
    const second = await workspace.release(toCompany, template.env);
    held.resolve();
    expectFailure(second, { exitCode: 12, code: "LEASE_HELD" });
    // The log has a lease, too, but is opened later.
    expect(second.stderr).toContain(join(workspace.folder, ".hxp/lease.json"));
    expect(second.stderr).toContain(`process ${first.child.pid}`);
    expectSuccess(await first.ended);
    expect(await template.registry.channel("latest")).toEqual(after);
    expect(template.registry.writes.filter((asked) => asked === "PUT /@acme/core")).toHaveLength(1);
  });
});

describe("a plan for another source", () => {
  test("is stale: it is not published, and nothing is sent", async () => {
    const workspace = await template.planned();
    workspace.write("libs/left/src/index.js", "export const left = 2;\n");
    workspace.commit();
    const run = await workspace.release(["publish", ...toCompany], template.env);
    expectFailure(run, { exitCode: 13, code: "PLAN_STALE" });
    expect(template.registry.writes).toEqual([]);
    expect(await template.registry.channel("latest")).toEqual(before);
  });

  test("does not stand in the way of a new one", async () => {
    const workspace = await template.planned();
    workspace.change({ "@acme/left": "patch" });
    workspace.commit();
    expectSuccess(await workspace.release(toCompany, template.env));
    expect(await template.registry.channel("latest")).toEqual({
      ...after,
      "@acme/left": "1.0.2",
      "@acme/right": "1.0.2",
    });
  });
});

describe("a gate that fails", () => {
  test("stops the release before anything is sent", async () => {
    const workspace = await template.changed();
    workspace.edit("libs/core/package.json", (text) =>
      text.replace('"files"', '"scripts": { "postinstall": "node -e 0" }, "files"'),
    );
    workspace.commit();
    const run = await workspace.release(toCompany, template.env);
    expectFailure(run, { exitCode: 14, code: "GATE_FAILED" });
    expect(run.stdout).toContain("lifecycle-script");
    expect(template.registry.writes).toEqual([]);
    expect(await template.registry.channel("latest")).toEqual(before);
  });
});

describe("a consumer for whom a staged package does not work", () => {
  test("keeps the channel where it is: a bin that crashes, an export that does not import, types that are none", async () => {
    const workspace = await template.changed();
    workspace.write("libs/cli/src/main.js", "#!/usr/bin/env node\nthrow new Error('no help');\n");
    workspace.write("libs/cli/src/index.js", "export { run } from './lost.js';\n");
    workspace.write("libs/core/src/index.d.ts", "declare const greet: string;\n");
    workspace.commit();
    const run = await workspace.release(toCompany, template.env);
    expectFailure(run, { exitCode: 14, code: "SMOKE_FAILED" });
    expect(run.stderr).toMatch(/bin acme: [^]*no help/);
    expect(run.stderr).toMatch(/import: import\("@acme\/cli"\): [^]*lost\.js/);
    expect(run.stderr).toMatch(/types: [^]*is not a module/);
    expect(template.registry.writes.filter((asked) => asked.endsWith("/latest"))).toEqual([]);
    expect(await template.registry.channel("latest")).toEqual(before);
  });

  test("is helped by a repair: the next release takes the broken one back and goes out", async () => {
    const workspace = await template.changed();
    const whole = workspace.read("libs/cli/src/main.js");
    workspace.write("libs/cli/src/main.js", "#!/usr/bin/env node\nthrow new Error('no help');\n");
    workspace.commit();
    expectFailure(await workspace.release(toCompany, template.env), { exitCode: 14, code: "SMOKE_FAILED" });
    workspace.write("libs/cli/src/main.js", whole);
    workspace.change({ "@acme/cli": "minor", "@acme/core": "minor" });
    workspace.commit();
    expectSuccess(await workspace.release(toCompany, template.env));
    expect(await template.registry.channel("latest")).toEqual({
      ...after,
      "@acme/cli": "1.4.0",
      "@acme/core": "1.4.0",
    });
  });
});

// A file system of its own takes a user namespace, which some hosts forbid to ordinary users.
const canMount = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;

/** Releases with the state on a file system with so many KiB left, then again with room enough. */
async function releaseOnFullDisk(workspace: TestWorkspace, kibibytes: number) {
  const state = join(workspace.folder, ".hxp");
  const saved = `${workspace.repository}-state`;
  cpSync(state, saved, { recursive: true });
  mkdirSync(state, { recursive: true });
  const script = `
    mount -t tmpfs -o size=64m tmpfs "$0" && cp -a "$1/." "$0" && used=$(df -k --output=used "$0" | tail -1) || exit 99
    mount -o remount,size=$((used + $2))k "$0" || exit 99; shift 2
    "$@"; echo "exit code on a full disk: $?"
    mount -o remount,size=64m "$0"
    "$@"; echo "exit code with room: $?"`;
  const bin = join(import.meta.dirname, "../src/bin.ts");
  const command = [process.execPath, "--conditions=@hxp/source", bin, ...toCompany, "--cwd", workspace.folder];
  return startProgram(["unshare", "-rm", "sh", "-c", script, state, saved, String(kibibytes), ...command], {
    cwd: workspace.folder,
    env: { ...template.root.env, ...template.env },
  }).ended;
}

describe.skipIf(!canMount)("a full disk", () => {
  test.each([4, 48])("with %i KiB left ends the release; with room it goes on", async (kibibytes) => {
    const workspace = await template.changed();
    const run = await releaseOnFullDisk(workspace, kibibytes);
    expect(run.stdout, run.text).toContain("exit code on a full disk: 1\n");
    expect(run.stderr).toMatch(/^STORAGE_FULL: No space left while writing /m);
    expect(run.stdout, run.text).toContain("exit code with room: 0\n");
    expect(await template.registry.channel("latest")).toEqual(after);
  });
});
