import { type Command, Option } from "commander";
import { exportCsaf, importSnapshot, readSnapshotStatus } from "../commands/advisories.ts";
import { renderCsaf, renderSnapshot } from "../output/render-advisories.ts";
import type { CliWorld } from "./cli-world.ts";
import { addCommonOptions, type CommonFlags, runCommandIn } from "./run-command-in.ts";

const blockingExitCode = 14;

/** `release advisories`: the snapshot that the gate looks into, and advisories about what the workspace publishes. */
export function addAdvisoriesCommand(program: Command, world: CliWorld): void {
  const advisories = program
    .command("advisories")
    .description("import known vulnerabilities for the gate of this name, and publish one's own")
    .enablePositionalOptions();
  addImport(advisories, world);
  addStatus(advisories, world);
  addCsaf(advisories, world);
  for (const command of advisories.commands) {
    command.exitOverride().configureOutput({ writeOut: world.write, writeErr: world.writeError });
  }
}

function addImport(advisories: Command, world: CliWorld): void {
  addCommonOptions(advisories.command("import"))
    .argument(
      "<source>",
      "OSV's all.zip of npm or a folder of OSV entries, by path, or the zip by its https:// address",
    )
    .description("make advisories in the OSV format the snapshot that dependencies are looked up in")
    .action((source: string, flags: CommonFlags) =>
      runCommandIn(world, { flags, purpose: "release advisories import" }, async (context) => {
        const status = await importSnapshot(context, source);
        return { result: status, text: renderSnapshot(status, context.config.policy.advisories) };
      }),
    );
}

function addStatus(advisories: Command, world: CliWorld): void {
  addCommonOptions(advisories.command("status"))
    .description("say what was imported and how old it is, and check every byte; exit 14 where it blocks a release")
    .action((flags: CommonFlags) =>
      runCommandIn(world, { flags, purpose: "release advisories status", readOnly: true }, async (context) => {
        const status = await readSnapshotStatus(context);
        if (status.freshness === "blocking") world.setExitCode(blockingExitCode);
        return { result: status, text: renderSnapshot(status, context.config.policy.advisories) };
      }),
    );
}

type CsafFlags = CommonFlags & { id: string; package: string[]; from: string; output?: string };

function addCsaf(advisories: Command, world: CliWorld): void {
  addCommonOptions(advisories.command("csaf"))
    .description("make a CSAF 2.0 document of an advisory about packages of this workspace")
    .requiredOption("--id <id>", "id of the advisory, or one of its aliases")
    .addOption(new Option("--package <name...>", "only these packages; default: all of the workspace").default([], ""))
    .option("--from <folder>", "folder with the workspace's own advisories, in the OSV format", ".advisories")
    .option("--output <folder>", "write it there, under the name that CSAF prescribes; default: print it")
    .action((flags: CsafFlags) =>
      runCommandIn(world, { flags, purpose: "release advisories csaf", readOnly: true }, async (context) => {
        const { id, package: packages, from, output } = flags;
        const outcome = await exportCsaf(context, { id, packages, from, output });
        return { result: outcome, text: renderCsaf(outcome) };
      }),
    );
}
