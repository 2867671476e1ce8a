import { Command } from "commander";
import { readVersion } from "../version.ts";
import type { CliWorld } from "./cli-world.ts";

type AddCommand = (program: Command, world: CliWorld) => void;

/** Each command is loaded when it is asked for: none waits for the rooms of the others. */
const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  up: async () => (await import("../commands/up-command.ts")).addUpCommand,
  init: async () => (await import("../commands/init-command.ts")).addInitCommand,
  status: async () => (await import("../commands/status-command.ts")).addStatusCommand,
  keys: async () => (await import("../commands/keys-command.ts")).addKeysCommand,
  models: async () => (await import("../commands/models-command.ts")).addModelsCommand,
  usage: async () => (await import("../commands/usage-command.ts")).addUsageCommand,
  storage: async () => (await import("../commands/storage-command.ts")).addStorageCommand,
  audit: async () => (await import("../commands/audit-command.ts")).addAuditCommand,
  evidence: async () => (await import("../commands/evidence-command.ts")).addEvidenceCommand,
  config: async () => (await import("../commands/config-command.ts")).addConfigCommand,
  errors: async () => (await import("../commands/errors-command.ts")).addErrorsCommand,
  serve: async () => (await import("../commands/serve-command.ts")).addServeCommand,
};

/** The commands of `hxp` that its arguments need: words to calls, outcomes to text. */
export async function createProgram(args: readonly string[], world: CliWorld): Promise<Command> {
  const program = new Command("hxp")
    .description("Run large language models on your own Linux servers, behind an OpenAI-compatible API.")
    .version(readVersion())
    .addHelpText("after", helpText)
    .showHelpAfterError("(--help lists what there is)")
    .enablePositionalOptions();
  const [first = ""] = args;
  // Help, and the nearest command to a mistyped one, need all of them.
  const wanted = Object.entries(commands).filter(([name]) => name === first || !Object.hasOwn(commands, first));
  for (const [, load] of wanted) (await load())(program, world);
  connectToWorld(program, world);
  return program;
}

const helpText = `
Begin with: hxp up

Exit codes: 0 done · 1 another error · 2 bad usage or config · 12 a server runs on the data folder · 14 a check failed ·
15 refused: a signature or digest does not match · 130 stopped`;

function connectToWorld(command: Command, world: CliWorld): void {
  command.exitOverride().configureOutput({ writeOut: world.write, writeErr: world.writeError });
  for (const child of command.commands) connectToWorld(child, world);
}
