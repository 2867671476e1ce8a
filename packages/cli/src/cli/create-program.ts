import { Command } from "commander";
import { addConfigCommand } from "../commands/config-command.ts";
import { addErrorsCommand } from "../commands/errors-command.ts";
import { addInitCommand } from "../commands/init-command.ts";
import type { CliWorld } from "./cli-world.ts";

/** The commands of `hxp`: words to calls, outcomes to text. */
export function createProgram(world: CliWorld): Command {
  const program = new Command("hxp")
    .description("Run large language models on your own Linux servers, behind an OpenAI-compatible API.")
    .addHelpText("after", helpText)
    .showHelpAfterError("(--help lists what there is)")
    .enablePositionalOptions();
  addInitCommand(program, world);
  addConfigCommand(program, world);
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
