import { HxpError, isHxpError, redact, toHxpError } from "@hxp/errors";
import { CommanderError } from "commander";
import { type CliWorld, createWorld, stoppedExitCode } from "./cli/cli-world.ts";
import { createProgram } from "./cli/create-program.ts";

/**
 * Runs `hxp` with its arguments and returns the exit code: 0 done, 2 bad usage or config, otherwise the error's own. Errors go
 * to standard error, as text or, with --json, as one JSON object on standard output.
 */
export async function runCli(args: readonly string[], world: CliWorld = createWorld()): Promise<number> {
  const json = args.includes("--json");
  // pnpm hands on the `--` that separates its own arguments.
  const words = args[0] === "--" ? args.slice(1) : args;
  try {
    const program = await createProgram(words, world);
    await program.parseAsync([...words], { from: "user" });
    return world.exitCode();
  } catch (error) {
    world.progress.clear();
    if (error instanceof CommanderError) return reportUsage(error, { world, json });
    return reportFailure(error, { world, json, verbose: args.includes("--verbose") });
  } finally {
    world.close();
  }
}

/** commander has written its text to standard error by now. */
function reportUsage(error: CommanderError, { world, json }: { world: CliWorld; json: boolean }): number {
  if (error.exitCode === 0) return 0;
  const usage = new HxpError("USAGE_INVALID", error.message.replace(/^error: /, ""));
  if (json) writeFailure(world, usage);
  return usage.exitCode;
}

function reportFailure(
  thrown: unknown,
  { world, json, verbose }: { world: CliWorld; json: boolean; verbose: boolean },
): number {
  const error = toHxpError(thrown);
  // What is known to have gone wrong is told even while it is stopped.
  if (world.signal.aborted && !isHxpError(thrown)) {
    world.writeError("\nStopped.\n");
    if (json) world.write(`${JSON.stringify({ outcome: "stopped", exitCode: stoppedExitCode }, null, 2)}\n`);
    return stoppedExitCode;
  }
  if (json) {
    writeFailure(world, error);
    return error.exitCode;
  }
  world.writeError(redact(`\n${error.code}: ${error.message}${renderCauses(error.cause)}\n→ ${error.hint}\n`));
  if (verbose)
    world.writeError(redact(`${error.stack ?? ""}\n${thrown instanceof Error ? (thrown.stack ?? "") : ""}\n`));
  return error.exitCode;
}

function writeFailure(world: CliWorld, error: HxpError): void {
  world.write(`${redact(JSON.stringify({ outcome: "failed", exitCode: error.exitCode, error }, null, 2))}\n`);
}

function renderCauses(cause: unknown, depth = 0): string {
  if (!(cause instanceof Error) || depth > 4) return "";
  return `\n  because: ${cause.message}${renderCauses(cause.cause, depth + 1)}`;
}
