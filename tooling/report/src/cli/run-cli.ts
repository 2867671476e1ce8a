import { HxpError, redact, toHxpError } from "@hxp/errors";
import { CommanderError } from "commander";
import { type CliWorld, createWorld } from "./cli-world.ts";
import { createProgram } from "./create-program.ts";

/**
 * Runs `pnpm report` with its arguments and returns the exit code: 0, 2 for bad usage, or the error's own. Errors go to
 * standard error as text or, with --json, to standard output as one JSON object.
 */
export async function runCli(args: readonly string[], world: CliWorld = createWorld()): Promise<number> {
  const json = args.includes("--json");
  try {
    // pnpm hands on the `--` that separates its own arguments.
    await createProgram(world).parseAsync(args[0] === "--" ? args.slice(1) : [...args], { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const failure =
      error instanceof CommanderError
        ? new HxpError("USAGE_INVALID", error.message.replace(/^error: /, ""))
        : toHxpError(error);
    if (json) world.write(`${redact(JSON.stringify({ outcome: "failed", error: failure }, null, 2))}\n`);
    // commander has written its own text by now.
    else if (!(error instanceof CommanderError)) {
      world.writeError(redact(`${failure.code}: ${failure.message}\n→ ${failure.hint}\n`));
    }
    return failure.exitCode;
  }
}
