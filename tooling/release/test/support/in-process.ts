import type { Command } from "commander";
import { runCli } from "../../src/cli/run-cli.ts";
import type { CliWorld } from "../../src/cli/cli-world.ts";
import { createPlainProgress } from "../../src/output/progress.ts";

/** How a command ended that ran in this process. */
export interface InProcessRun {
  readonly exitCode: number;
  readonly stdout: string;
  /** All that it wrote, for messages of failed assertions. */
  readonly text: string;
}

/** A command that goes on until it is stopped. */
export interface InProcessServer extends AsyncDisposable {
  readonly url: string;
}

/** What {@link runInProcess} takes beside the arguments. */
export interface InProcessOptions {
  signal?: AbortSignal;
  /** Default: the words of `pnpm release`. */
  createProgram?: (world: CliWorld) => Command;
}

/**
 * Runs a release command in this process: nothing has to be loaded again, so that hundreds of runs take minutes. Where
 * a process has to die, this is not for it.
 */
export async function runInProcess(
  args: readonly string[],
  { signal, createProgram }: InProcessOptions = {},
): Promise<InProcessRun> {
  const { world, output } = makeWorld(signal);
  const exitCode = await runCli(args, world, createProgram);
  return { exitCode, ...output() };
}

/** Runs `release serve`, as another process would: releases that find it go to it. */
export async function serveInProcess(workspace: string): Promise<InProcessServer> {
  const controller = new AbortController();
  const { promise: url, resolve, reject } = Promise.withResolvers<string>();
  const { world, output } = makeWorld(controller.signal, (text) => resolve((JSON.parse(text) as { url: string }).url));
  const ended = runCli(["serve", "--port", "0", "--json", "--cwd", workspace], world);
  ended.then((code) => reject(new Error(`serve ended with ${code}:\n${output().text}`)), reject);
  return {
    url: await url,
    [Symbol.asyncDispose]: async () => {
      controller.abort();
      await ended;
    },
  };
}

function makeWorld(signal = new AbortController().signal, onOutput: (text: string) => void = () => {}) {
  let [stdout, text, code] = ["", "", 0];
  const write = (chunk: string): void => {
    stdout += chunk;
    text += chunk;
    onOutput(chunk);
  };
  const writeError = (chunk: string): void => {
    text += chunk;
  };
  const world: CliWorld = {
    write,
    writeError,
    progress: () => createPlainProgress({ write: writeError }),
    signal,
    prompt: undefined,
    setExitCode: (value) => {
      code = value;
    },
    exitCode: () => code,
    close: () => {},
  };
  return { world, output: () => ({ stdout, text }) };
}
