import { type Command, Option } from "commander";
import { addCommand, addLogLevel, parsePort } from "../cli/add-command.ts";
import type { CliWorld } from "../cli/cli-world.ts";
import { runUp, type UpFlags } from "../up/run-up.ts";

/** `hxp up`: the whole platform in the foreground. */
export function addUpCommand(program: Command, world: CliWorld): void {
  const command = addCommand(program, {
    words: "up",
    description:
      "run the platform: gateway, models and storage. Without hxp.yaml: an embedded model and database on 127.0.0.1:8000",
    examples: ["hxp up", "hxp up --port 0 --data ./data", "hxp up --config hxp.yaml --environment staging --json"],
    platform: true,
  })
    .addOption(
      new Option("--port <number>", "port of the gateway; default: gateway.listen.port; 0: any free one").argParser(
        parsePort,
      ),
    )
    .option("--migrate", "bring a PostgreSQL database up to this version; an embedded one always is");
  addLogLevel(command).action((flags: UpFlags) => runUp(world, flags));
}
