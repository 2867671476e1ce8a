import type { Command } from "commander";
import { withReleaseContext } from "../open-context.ts";
import type { ReleaseContext, ReleaseOptions } from "../release-context.ts";
import type { CliWorld } from "./cli-world.ts";

/** Flags that every command has. */
export interface CommonFlags {
  cwd: string;
  json?: boolean;
  verbose?: boolean;
}

/** Flags of commands that go to a registry. */
export interface TargetFlags extends CommonFlags {
  to?: string;
}

/** `--cwd`, `--json`, `--verbose`. */
export function addCommonOptions(command: Command): Command {
  return command
    .option("--cwd <workspace>", "folder of the pnpm workspace", process.cwd())
    .option("--json", "print the result as one JSON object on standard output; progress goes to standard error")
    .option("--verbose", "print stack traces with errors");
}

/** `--to`. */
export function addTargetOptions(command: Command): Command {
  return command.option("--to <registry>", "registry by its name in release.config.ts; default: local");
}

/** What {@link runCommandIn} takes. */
export interface CommandRun {
  flags: CommonFlags;
  purpose: string;
  options?: ReleaseOptions;
  /** Takes no lease and writes no journal. */
  readOnly?: boolean;
}

/** Runs a command in its workspace and prints its result, as text or JSON. */
export async function runCommandIn(
  world: CliWorld,
  { flags, purpose, options = {}, readOnly = false }: CommandRun,
  work: (context: ReleaseContext) => Promise<{ result: object; text: string } | undefined>,
): Promise<void> {
  const { prompt } = world;
  const json = flags.json === true;
  const settings = { cwd: flags.cwd, purpose, options, readOnly, progress: world.progress(json), signal: world.signal };
  const output = await withReleaseContext({ ...settings, ...(prompt === undefined ? {} : { prompt }) }, work);
  if (output !== undefined) world.write(json ? `${JSON.stringify(output.result, null, 2)}\n` : `${output.text}\n`);
}
