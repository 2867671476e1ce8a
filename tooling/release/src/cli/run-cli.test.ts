import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorTable } from "@hxp/errors";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { silentProgress } from "../output/progress.ts";
import type { CliWorld } from "./cli-world.ts";
import { runCli } from "./run-cli.ts";

/** A world that keeps what is written; `stop` is Ctrl-C. */
function makeWorld() {
  const controller = new AbortController();
  const kept = { stdout: "", stderr: "", closed: 0, code: 0 };
  const world = {
    write: (text) => void (kept.stdout += text),
    writeError: (text) => void (kept.stderr += text),
    progress: () => silentProgress,
    signal: controller.signal,
    prompt: undefined,
    setExitCode: (code) => void (kept.code = code),
    exitCode: () => kept.code,
    close: () => void (kept.closed += 1),
  } satisfies CliWorld;
  return { world, kept, stop: () => controller.abort(new Error("stopped by a signal")) };
}

/** Runs the command and returns its exit code with all that it wrote. */
async function run(...args: string[]) {
  const { world, kept } = makeWorld();
  const exitCode = await runCli(args, world);
  return { ...kept, exitCode };
}

/** A workspace whose configuration file has this text. */
function workspaceWith(config: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "pnpm-workspace.yaml"), "packages: []\n");
  writeFileSync(join(folder, "release.config.mjs"), config);
  return folder;
}

beforeEach(() => {
  vi.stubEnv("XDG_CACHE_HOME", temporaryFolder());
  return () => vi.unstubAllEnvs();
});

describe("help", () => {
  test("is exit code 0, on standard output, with every command and exit code", async () => {
    const { exitCode, stdout, stderr } = await run("--help");
    expect([exitCode, stderr]).toEqual([0, ""]);
    for (const command of ["plan", "publish", "verify", "status", "rollback", "serve", "watch", "resolve", "keys"]) {
      expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
    }
    for (const code of [0, 2, 10, 11, 12, 13, 14, 15]) expect(stdout).toMatch(new RegExp(`\\b${code} `));
  });

  test.each([
    ["plan"],
    ["publish"],
    ["verify"],
    ["status"],
    ["rollback"],
    ["serve"],
    ["watch"],
    ["resolve"],
    ["keys"],
    ["keys", "rotate"],
    ["advisories", "import"],
    ["advisories", "status"],
    ["advisories", "csaf"],
  ])("of %s %s names --json and --cwd", async (...words) => {
    const { exitCode, stdout } = await run(...words, "--help");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/--cwd.*--json/s);
  });

  test("comes through the `--` that pnpm hands on, too", async () => {
    expect(await run("--", "status", "--help")).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("Usage"),
    });
  });
});

describe("bad usage is exit code 2", () => {
  test.each([
    [["--no-such-option"], "--no-such-option"],
    [["no-such-command"], "no-such-command"],
    [["verify"], "what"],
    [["watch", "--interval", "soon"], "soon"],
    [["watch", "--interval", "0.5s"], "0.5s"],
    [["watch", "--interval", "5d"], "5d"],
    [["serve", "--port", "http"], "http"],
    [["serve", "--port", "65536"], "65536"],
    [["keys", "rotate", "--no-such-option"], "--no-such-option"],
    [["advisories", "import"], "source"],
    [["advisories", "csaf"], "--id"],
    [["advisories", "no-such-command"], "no-such-command"],
  ])("with %j, and names what is wrong", async (args, named) => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(named);
  });

  test("and, with --json, one JSON object on standard output", async () => {
    const { exitCode, stdout } = await run("status", "--json", "--no-such-option");
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: "failed",
      exitCode: 2,
      error: { code: "USAGE_INVALID", message: "unknown option '--no-such-option'" },
    });
  });
});

describe("an error", () => {
  test("is told with code, message and hint, and its exit code is the table's", async () => {
    const folder = temporaryFolder();
    const { exitCode, stdout, stderr } = await run("status", "--cwd", folder);
    expect(exitCode).toBe(errorTable.WORKSPACE_INVALID.exitCode);
    expect(stdout).toBe("");
    expect(stderr).toBe(
      `\nWORKSPACE_INVALID: ${folder} has no pnpm-workspace.yaml\n→ ${errorTable.WORKSPACE_INVALID.fix}\n`,
    );
  });

  test("is, with --json, one JSON object on standard output, and nothing else anywhere", async () => {
    const { exitCode, stdout, stderr } = await run("status", "--json", "--cwd", temporaryFolder());
    expect([exitCode, stderr]).toEqual([2, ""]);
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: "failed",
      exitCode: 2,
      error: { code: "WORKSPACE_INVALID", retryable: false },
    });
  });

  test("names each cause beneath it", async () => {
    const { stderr } = await run("status", "--cwd", workspaceWith("throw new Error('no luck today');"));
    expect(stderr).toMatch(/^RELEASE_CONFIG_INVALID: .*\n {2}because: .*no luck today/ms);
  });

  test("has its stack with --verbose only", async () => {
    const folder = temporaryFolder();
    expect((await run("status", "--cwd", folder)).stderr).not.toContain("    at ");
    expect((await run("status", "--verbose", "--cwd", folder)).stderr).toContain("    at ");
  });

  test.each([[], ["--json"], ["--verbose"]])("shows no token, not with %j either", async (...flags) => {
    const token = "npm_0123456789abcdef0123456789";
    const config = `throw new Error("_authToken=${token} is refused");`;
    const { stdout, stderr } = await run("status", ...flags, "--cwd", workspaceWith(config));
    expect(stdout + stderr).toContain("RELEASE_CONFIG_INVALID");
    expect(stdout + stderr).not.toContain(token);
  });

  test("of a thing that is no HxpError is INTERNAL, exit code 1", async () => {
    const { world, kept } = makeWorld();
    const broken = {
      ...world,
      progress: () => {
        throw new TypeError("odd");
      },
    } satisfies CliWorld;
    expect(await runCli(["status"], broken)).toBe(1);
    expect(kept.stderr).toContain("INTERNAL: odd");
  });
});

test("what is to be verified must be a package with its version, or a folder with a plan", async () => {
  const { exitCode, stderr } = await run("verify", "core", "--cwd", temporaryFolder());
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("USAGE_INVALID")]);
});

test("a rollback without a reason is refused before anything is asked of a registry", async () => {
  const folder = workspaceWith("export default {};");
  const { stderr, exitCode } = await run("rollback", "--cwd", folder);
  expect([exitCode, stderr]).toEqual([
    2,
    expect.stringMatching(/USAGE_INVALID: A rollback needs a reason|WORKSPACE_NOT_GIT/),
  ]);
});

test("a stopped command says that it goes on where it was, exit code 130", async () => {
  const { world, kept, stop } = makeWorld();
  stop();
  expect(await runCli(["status", "--cwd", temporaryFolder()], world)).toBe(130);
  expect(kept.stderr).toBe("\nStopped. The same command goes on where it was.\n");
});

test("a stopped command prints one JSON object with --json", async () => {
  const { world, kept, stop } = makeWorld();
  stop();
  expect(await runCli(["status", "--json", "--cwd", temporaryFolder()], world)).toBe(130);
  expect(JSON.parse(kept.stdout)).toEqual({ outcome: "stopped", exitCode: 130 });
});

test("the exit code that a command sets is the exit code, and the world is closed once, whatever happens", async () => {
  const { world, kept } = makeWorld();
  world.setExitCode(14);
  expect(await runCli(["--help"], world)).toBe(0);
  expect(kept.closed).toBe(1);
  await runCli(["--no-such-option"], world);
  await runCli(["status", "--cwd", temporaryFolder()], world);
  expect(kept.closed).toBe(3);
});
