import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/temporary-folder.ts";
import { runProgram } from "./run-program.ts";

const node = process.execPath;

/** A child that outlives its parent, with the parent's outputs. */
const leaveBehind = (detached: boolean): string => `
  const child = require("node:child_process").spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"], {
    detached: ${detached}, stdio: "inherit" });
  child.unref();
  console.log("left " + child.pid);
`;

test.each([
  ["in its group is ended", false],
  ["in a session of its own is not waited for", true],
])("a process that a program leaves behind %s", async (_title, detached) => {
  const options = { cwd: await temporaryFolder(), env: {}, timeoutMs: 50_000 };
  const { failure, stdout } = await runProgram([node, "-e", leaveBehind(detached)], options);
  const pid = Number(/left (\d+)/.exec(stdout)?.[1]);
  expect(failure).toBeUndefined();
  expect(pid).toBeGreaterThan(0);
  if (detached) process.kill(pid, "SIGKILL");
  else await expect.poll(() => isRunning(pid)).toBe(false);
});

test("a program that fails, is killed, or does not start says how", async () => {
  const options = { cwd: await temporaryFolder(), env: {}, timeoutMs: 50_000 };
  const failureOf = async (...command: string[]) => (await runProgram(command, options)).failure;
  expect(await failureOf(node, "-e", "process.exit(3)")).toBe("ended with 3");
  expect(await failureOf(node, "-e", "process.kill(process.pid, 'SIGKILL')")).toBe("was ended by SIGKILL");
  expect(await failureOf("no-such-program")).toMatch(/^did not start: /);
  const late = await runProgram([node, "-e", "setTimeout(() => {}, 60_000)"], { ...options, timeoutMs: 300 });
  expect(late.failure).toBe("took longer than 0.3 seconds");
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
