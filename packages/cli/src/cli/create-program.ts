import { Command } from "commander";
import { addAuditCommand } from "../commands/audit-command.ts";
import { addConfigCommand } from "../commands/config-command.ts";
import { addErrorsCommand } from "../commands/errors-command.ts";
import { addInitCommand } from "../commands/init-command.ts";
import { addKeysCommand } from "../commands/keys-command.ts";
import { addModelsCommand } from "../commands/models-command.ts";
import { addServeCommand } from "../commands/serve-command.ts";
import { addStatusCommand } from "../commands/status-command.ts";
import { addStorageCommand } from "../commands/storage-command.ts";
import { addUpCommand } from "../commands/up-command.ts";
import { addUsageCommand } from "../commands/usage-command.ts";
import { readVersion } from "../version.ts";
import type { CliWorld } from "./cli-world.ts";

/** The commands of `hxp`: words to calls, outcomes to text. */
export function createProgram(world: CliWorld): Command {
  const program = new Command("hxp")
    .description("Run large language models on your own Linux servers, behind an OpenAI-compatible API.")
    .version(readVersion())
    .addHelpText("after", helpText)
    .showHelpAfterError("(--help lists what there is)")
    .enablePositionalOptions();
  addUpCommand(program, world);
  addInitCommand(program, world);
  addServeCommand(program, world);
  addConfigCommand(program, world);
  addStatusCommand(program, world);
  addKeysCommand(program, world);
  addModelsCommand(program, world);
  addStorageCommand(program, world);
  addUsageCommand(program, world);
  addAuditCommand(program, world);
  addErrorsCommand(program, world);
  connectToWorld(program, world);
  return program;
}

const helpText = `
Begin with: hxp up

Exit codes: 0 done · 1 another error · 2 bad usage or config · 12 a server runs on the data folder · 14 a check failed ·
15 refused: a digest does not match · 130 stopped`;

function connectToWorld(command: Command, world: CliWorld): void {
  command.exitOverride().configureOutput({ writeOut: world.write, writeErr: world.writeError });
  for (const child of command.commands) connectToWorld(child, world);
}
