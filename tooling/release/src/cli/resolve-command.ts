import type { Command } from "commander";
import { resolveConflicts } from "../commands/resolve.ts";
import { renderResolution } from "../output/render-resolution.ts";
import type { CliWorld } from "./cli-world.ts";
import { addCommonOptions, type CommonFlags, runCommandIn } from "./run-command-in.ts";

const unresolvedExitCode = 14;

/** `release resolve`: the diff that works on standard output, all else on standard error. */
export function addResolveCommand(program: Command, world: CliWorld): void {
  addCommonOptions(program.command("resolve"))
    .description("find and try versions, ranges or overrides that do away with conflicts of dependencies")
    .option("--warnings", "also try to mend warnings, such as a package in several versions")
    .option("--write", "write what was found into the workspace; default: print it as a diff")
    .action(async (flags: CommonFlags & { warnings?: boolean; write?: boolean }) => {
      const quiet: CliWorld = { ...world, progress: () => world.progress(true) };
      await runCommandIn(quiet, { flags, purpose: "release resolve", readOnly: true }, async (context) => {
        const outcome = await resolveConflicts(context, {
          warnings: flags.warnings === true,
          write: flags.write === true,
        });
        if (outcome.outcome === "unresolved") world.setExitCode(unresolvedExitCode);
        if (flags.json === true) world.write(`${JSON.stringify(outcome, null, 2)}\n`);
        else {
          world.writeError(`${renderResolution(outcome)}\n`);
          world.write(outcome.diff);
        }
        return undefined;
      });
    });
}
