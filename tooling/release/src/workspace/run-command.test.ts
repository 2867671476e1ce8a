import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { runCommand, type RunOptions } from "./run-command.ts";

function run(command: readonly string[], options: Partial<RunOptions> = {}): Promise<string> {
  return runCommand(command, { cwd: temporaryFolder(), env: { PATH: process.env["PATH"] }, ...options });
}

const node = (script: string): string[] => [process.execPath, "--eval", script];

function failure(code: string, message: RegExp): unknown {
  return expect.objectContaining({ code, message: expect.stringMatching(message) });
}

describe("a command", () => {
  test("gives what it wrote to standard output, without the last newline, and not what it wrote to standard error", async () => {
    expect(await run(node('console.log("out\\n"); console.error("err")'))).toBe("out\n");
  });

  test("gets its arguments as they are: there is no shell", async () => {
    expect(await run([...node("console.log(process.argv[1])"), "$(id); `id` * 'x'"])).toBe("$(id); `id` * 'x'");
  });

  test("sees the given environment and nothing of ours", async () => {
    const seen = await run(node("console.log(JSON.stringify(process.env))"), { env: { ONLY: "this" } });
    expect(JSON.parse(seen)).toEqual({ ONLY: "this" });
  });

  test("runs in the given folder, reads the given input, and finds standard input closed without one", async () => {
    const cwd = temporaryFolder();
    expect(await run(node("process.stdin.pipe(process.stdout)"), { input: "text" })).toBe("text");
    expect(await run(node('process.stdin.on("end", () => console.log(process.cwd())).resume()'), { cwd })).toBe(cwd);
  });

  test("hands on each line as it comes, of both streams", async () => {
    const lines: string[] = [];
    const script = 'console.log("one"); setTimeout(() => { console.error("two"); process.stdout.write("three") }, 50)';
    await run(node(script), { onLine: (line) => lines.push(line) });
    expect(lines).toEqual(["one", "two", "three"]);
  });

  test("may write a lot", async () => {
    const output = await run(node('for (let i = 0; i < 200000; i += 1) console.log("line " + i)'));
    expect(output.split("\n")).toHaveLength(200_000);
  });
});

describe("a command that fails", () => {
  test("is COMMAND_FAILED with its exit code, its folder and the last 40 lines of both streams", async () => {
    const script =
      'for (let i = 0; i < 100; i += 1) console.log("line " + i); console.error("why"); process.exitCode = 3';
    const thrown: unknown = await run(node(script)).catch((error: unknown) => error);
    expect(thrown).toEqual(failure("COMMAND_FAILED", /ended with 3 in .*hxp-unit-/));
    const { message } = thrown as Error;
    expect(message).toContain("why");
    expect(message.split("\n").filter((line) => line.startsWith("line "))).toHaveLength(39);
  });

  test("is so while its lines are handed on, too", async () => {
    await expect(run(node('console.log("last words"); process.exit(4)'), { onLine: () => {} })).rejects.toThrow(
      failure("COMMAND_FAILED", /ended with 4 in .*\nlast words$/),
    );
  });

  test("without a word has a message that ends with its folder", async () => {
    await expect(run(node("process.exit(1)"))).rejects.toThrow(failure("COMMAND_FAILED", /ended with 1 in \S+$/));
  });

  test("because it was killed names the signal", async () => {
    await expect(run(node('process.kill(process.pid, "SIGKILL")'))).rejects.toThrow(
      failure("COMMAND_FAILED", /was killed by SIGKILL/),
    );
  });

  test("because it is not installed is TOOL_MISSING, and so is one whose folder is not there", async () => {
    await expect(run(["no-such-tool-anywhere"])).rejects.toThrow(failure("TOOL_MISSING", /no-such-tool-anywhere/));
    await expect(run(node(""), { cwd: "/no/such/folder" })).rejects.toThrow(
      failure("TOOL_MISSING", /\/no\/such\/folder/),
    );
  });

  test("because it may not be executed says that", async () => {
    const file = join(temporaryFolder(), "not-executable");
    writeFileSync(file, "#!/bin/sh\n", { mode: 0o644 });
    await expect(run([file])).rejects.toThrow(failure("COMMAND_FAILED", /did not run \(.*EACCES/));
  });

  test("to end in time is stopped, whatever it still prints", async () => {
    const started = performance.now();
    const script = 'setInterval(() => console.log("still here"), 20)';
    await expect(run(node(script), { timeoutMs: 300, onLine: () => {} })).rejects.toThrow(
      failure("COMMAND_FAILED", /ran out of time/),
    );
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test("to end before the signal is aborted is stopped", async () => {
    const controller = new AbortController();
    const running = run(node('console.log("up"); setInterval(() => {}, 1000)'), {
      signal: controller.signal,
      onLine: () => controller.abort(),
    });
    await expect(running).rejects.toThrow(failure("COMMAND_FAILED", /was stopped/));
  });

  test("shows no token that stood in its output", async () => {
    const script = 'console.log("_authToken=npm_0123456789abcdef0123"); process.exit(1)';
    const thrown: unknown = await run(node(script)).catch((error: unknown) => error);
    const [first = "", ...output] = (thrown as Error).message.split("\n");
    expect(first).toContain("ended with 1");
    expect(output.join()).toContain("_authToken=");
    expect(output.join()).not.toContain("0123456789abcdef");
  });
});
