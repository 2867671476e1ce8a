import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { errorTable } from "@hxp/errors";
import { makeWorld, run, temporaryFolder } from "../test/support/make-world.ts";
import { runCli } from "./run-cli.ts";

const words = [
  "up",
  "init",
  "status",
  "serve gateway",
  "serve model",
  ...["create", "list", "rotate", "revoke"].map((word) => `keys ${word}`),
  ...["pull", "list", "verify", "test", "remove", "catalogue"].map((word) => `models ${word}`),
  ...["status", "migrate", "down", "export", "import"].map((word) => `storage ${word}`),
  "usage",
  "audit verify",
  "evidence verify",
  ...["check", "explain", "print", "diff"].map((word) => `config ${word}`),
  "errors",
];
const commands = new Set(words.map((each) => each.split(" ")[0]));

describe("help", () => {
  test("is exit code 0, on standard output, with every command and exit code", async () => {
    const { exitCode, stdout, stderr } = await run(["--help"]);
    expect([exitCode, stderr]).toEqual([0, ""]);
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
    for (const code of [0, 1, 2, 12, 14, 15, 130]) expect(stdout).toMatch(new RegExp(`\\b${code} `));
  });

  test.each(words)("of %s has --json and examples", async (each) => {
    const { exitCode, stdout } = await run([...each.split(" "), "--help"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("--json");
    expect(stdout).toMatch(new RegExp(`Examples:\n  \\$ hxp ${each}`));
  });

  test("comes through the `--` that pnpm hands on, too", async () => {
    expect(await run(["--", "init", "--help"])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("Usage"),
    });
  });
});

describe("bad usage is exit code 2", () => {
  test.each([
    [["--no-such-option"], "--no-such-option"],
    [["confg"], "Did you mean config?"],
    [["kyes", "list"], "Did you mean keys?"],
    [["up", "--port", "http"], "http"],
    [["up", "--port", "65536"], "65536"],
    [["config", "chek"], "Did you mean check?"],
    [["errors", "NO_SUCH_CODE"], "NO_SUCH_CODE"],
    [["config", "explain"], "path"],
  ])("with %j, and names what is wrong", async (args, named) => {
    const { exitCode, stdout, stderr } = await run(args);
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(named);
  });

  test("and, with --json, one JSON object on standard output", async () => {
    const { exitCode, stdout } = await run(["init", "--json", "--no-such-option"]);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: "failed",
      exitCode: 2,
      error: { code: "USAGE_INVALID", message: "unknown option '--no-such-option'" },
    });
  });
});

describe("an error", () => {
  const broken = () => {
    const cwd = temporaryFolder();
    const file = join(cwd, "hxp.yaml");
    writeFileSync(file, "schema: 1\nname: x\ngatway: {}\n");
    return { cwd, file };
  };

  test("is told with code, message and hint, and its exit code is the table's", async () => {
    const { cwd, file } = broken();
    const { exitCode, stdout, stderr } = await run(["config", "check"], { cwd });
    expect([exitCode, stdout]).toEqual([errorTable.CONFIG_INVALID.exitCode, ""]);
    expect(stderr).toMatch(/^\nCONFIG_INVALID: .*did you mean gateway.*\n→ .*\n$/s);
    expect(stderr).toContain(`${file}:3:1`);
  });

  test("is, with --json, one JSON object on standard output, and nothing else anywhere", async () => {
    const { exitCode, stdout, stderr } = await run(["config", "check", "--json"], broken());
    expect([exitCode, stderr]).toEqual([2, ""]);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: "failed", error: { code: "CONFIG_INVALID" } });
  });

  test("has its stack with --verbose only", async () => {
    expect((await run(["config", "check"], broken())).stderr).not.toContain("    at ");
    expect((await run(["config", "check", "--verbose"], broken())).stderr).toContain("    at ");
  });

  test("of a thing that is no HxpError is INTERNAL, exit code 1", async () => {
    const { world, kept } = makeWorld();
    const odd = {
      ...world,
      write: () => {
        throw new TypeError("odd");
      },
    };
    expect(await runCli(["errors", "INTERNAL"], odd)).toBe(1);
    expect(kept.stderr).toContain("INTERNAL: odd");
  });
});

test("a stopped command is exit code 130, with --json as one object", async () => {
  const { world, kept, stop } = makeWorld();
  stop();
  const failing = ["config", "check", "missing.yaml", "--json"];
  expect(await runCli(failing, world)).toBe(130);
  expect(JSON.parse(kept.stdout)).toEqual({ outcome: "stopped", exitCode: 130 });
});

test("the world is closed once, whatever happens", async () => {
  const { world, kept } = makeWorld();
  await runCli(["--help"], world);
  await runCli(["--no-such-option"], world);
  await runCli(["config", "check", "missing.yaml"], world);
  expect(kept.closed).toBe(3);
});

describe("init", () => {
  test("writes a file that config check finds right, and that means the built-in platform", async () => {
    const cwd = temporaryFolder();
    const before = await run(["config", "print"], { cwd });
    expect(await run(["init"], { cwd })).toMatchObject({ exitCode: 0 });
    const checked = await run(["config", "check", "--json"], { cwd });
    expect(JSON.parse(checked.stdout)).toEqual({ file: join(cwd, "hxp.yaml"), warnings: [] });
    expect((await run(["config", "print"], { cwd })).stdout).toBe(before.stdout);
  });

  test("names a schema that is there", async () => {
    const cwd = temporaryFolder();
    await run(["init"], { cwd });
    const [first = ""] = readFileSync(join(cwd, "hxp.yaml"), "utf8").split("\n");
    expect(existsSync(first.replace("# yaml-language-server: $schema=", ""))).toBe(true);
  });

  test("replaces no file unless it is told to", async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, "hxp.yaml"), "mine");
    expect(await run(["init"], { cwd })).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("FILE_EXISTS") });
    expect(readFileSync(join(cwd, "hxp.yaml"), "utf8")).toBe("mine");
    expect(await run(["init", "--force"], { cwd })).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(cwd, "hxp.yaml"), "utf8")).not.toBe("mine");
  });

  test("refuses a name that the schema does not take, and writes nothing", async () => {
    const cwd = temporaryFolder();
    expect(await run(["init", "--name", "Not a name"], { cwd })).toMatchObject({ exitCode: 2 });
    expect(existsSync(join(cwd, "hxp.yaml"))).toBe(false);
  });
});

describe("config", () => {
  test("explain says where a value comes from and what it overrode", async () => {
    const cwd = temporaryFolder();
    await run(["init"], { cwd });
    const { stdout } = await run(["config", "explain", "gateway.listen.port", "--set", "gateway.listen.port=9"], {
      cwd,
    });
    expect(stdout).toMatch(/^gateway\.listen\.port: 9\n.*--set.*overrode {2}8000 from .*hxp\.yaml:\d+/s);
  });

  test("explain of a path that nothing sets is bad usage", async () => {
    expect(await run(["config", "explain", "gateway.nothing"])).toMatchObject({ exitCode: 2 });
  });

  test("diff lists what differs, and says so when nothing does", async () => {
    const cwd = temporaryFolder();
    for (const name of ["a", "b"]) await run(["init", `${name}.yaml`], { cwd });
    expect((await run(["config", "diff", "a.yaml", "b.yaml"], { cwd })).stdout).toBe("They mean the same.\n");
    await run(["init", "b.yaml", "--force", "--name", "other"], { cwd });
    expect((await run(["config", "diff", "a.yaml", "b.yaml"], { cwd })).stdout).toBe('~ name: "hxp" → "other"\n');
  });
});

describe("errors", () => {
  test("says what a code means and what to do, however it is written", async () => {
    const { stdout } = await run(["errors", "lease-held"]);
    expect(stdout).toContain(`LEASE_HELD\n\n${errorTable.LEASE_HELD.meaning}\n→ ${errorTable.LEASE_HELD.fix}\n`);
  });

  test("knows the codes that answers have in OpenAI's words", async () => {
    for (const [said, code] of [
      ["invalid_api_key", "API_KEY_INVALID"],
      ["insufficient_quota", "BUDGET_EXCEEDED"],
    ] as const) {
      expect(JSON.parse((await run(["errors", said, "--json"])).stdout)).toMatchObject({ code, ...errorTable[code] });
    }
  });

  test("lists all codes, as JSON the whole table", async () => {
    expect(JSON.parse((await run(["errors", "--json"])).stdout)).toEqual(errorTable);
  });
});
