import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type CliWorld, runCli } from "@hxp/cli";

/** A folder that is gone after the test. Short, so that sockets fit in it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "hxp-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A world that keeps what is written; `stop` is Ctrl-C. */
export function makeWorld({
  cwd = temporaryFolder(),
  variables = {},
}: { cwd?: string; variables?: Record<string, string> } = {}) {
  const controller = new AbortController();
  const kept = { stdout: "", stderr: "", closed: 0, code: 0 };
  const say = (text: string): void => void (kept.stderr += `${text}\n`);
  const world = {
    write: (text) => void (kept.stdout += text),
    writeError: (text) => void (kept.stderr += text),
    progress: { say, show: say, clear: () => {} },
    isTerminal: false,
    variables: { HOME: cwd, ...variables },
    cwd,
    signal: controller.signal,
    setExitCode: (code) => void (kept.code = code),
    exitCode: () => kept.code,
    close: () => void (kept.closed += 1),
  } satisfies CliWorld;
  return { world, kept, stop: () => controller.abort(new Error("stopped by a signal")) };
}

/** Runs a command in this process and returns its exit code with all that it wrote. */
export async function run(args: readonly string[], options: Parameters<typeof makeWorld>[0] = {}) {
  const { world, kept } = makeWorld(options);
  const exitCode = await runCli(args, world);
  return { ...kept, exitCode };
}
