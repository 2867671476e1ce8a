import { HxpError, redact, toHxpError } from "@hxp/errors";
import { type Command, CommanderError } from "commander";
import { createProgram as createReleaseProgram } from "./create-program.ts";
import type { CliWorld } from "./cli-world.ts";
import { createWorld } from "./cli-world.ts";

/**
 * Runs `pnpm release`, or another program of this package, with its arguments and returns the exit code (architecture: 0, 1, 2, 10–15, 130). Errors go to standard
 * error, as text or, with --json, as one JSON object on standard output.
 */
export async function runCli(
  args: readonly string[],
  world: CliWorld = createWorld(),
  createProgram: (world: CliWorld) => Command = createReleaseProgram,
): Promise<number> {
  const program = createProgram(world);
  const json = args.includes("--json");
  try {
    // pnpm hands on the `--` that separates its own arguments.
    await program.parseAsync(args[0] === "--" ? args.slice(1) : [...args], { from: "user" });
    return world.exitCode();
  } catch (error) {
    if (error instanceof CommanderError) return reportUsage(error, { world, json });
    return reportFailure(error, { world, json, verbose: args.includes("--verbose") });
  } finally {
    world.close();
  }
}

/** A channel that could not be put back must not pass for a mere stop. */
const needsPerson = 11;
/** As shells say it of a program that SIGINT ended. */
const stopped = 130;

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
  if (world.signal.aborted && error.exitCode !== needsPerson) {
    world.writeError("\nStopped. The same command goes on where it was.\n");
    if (json) world.write(`${JSON.stringify({ outcome: "stopped", exitCode: stopped }, null, 2)}\n`);
    return stopped;
  }
  if (json) {
    writeFailure(world, error);
    return error.exitCode;
  }
  const causes = renderCauses(error.cause);
  world.writeError(redact(`\n${error.code}: ${error.message}${causes}\n→ ${error.hint}\n`));
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
