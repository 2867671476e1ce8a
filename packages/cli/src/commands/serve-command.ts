import { type Command, Option } from "commander";
import { addCommand, addGroup, addLogLevel, parsePort } from "../cli/add-command.ts";
import type { CliWorld } from "../cli/cli-world.ts";
import type { ServeGatewayFlags } from "../serve/serve-gateway.ts";
import type { ServeModelFlags } from "../serve/serve-model.ts";

/** `hxp serve`: one part of the platform in the foreground, for units of systemd. */
export function addServeCommand(program: Command, world: CliWorld): void {
  const serve = addGroup(program, "serve", "run one part of the platform in the foreground, as units of systemd do");
  const gateway = addCommand(serve, {
    words: "gateway",
    description: "run the gateway alone; models answer on their sockets or upstreams",
    examples: ["hxp serve gateway --config /etc/hxp/hxp.yaml --data /var/lib/hxp/data"],
    platform: true,
  }).option("--migrate", "bring a PostgreSQL database up to this version; an embedded one always is");
  addLogLevel(gateway).action(async (flags: ServeGatewayFlags) => {
    const { serveGateway } = await import("../serve/serve-gateway.ts");
    await serveGateway(world, flags);
  });
  const model = addCommand(serve, {
    words: "model <name>",
    description: "run one model of models.serve alone, on its socket in the data folder",
    examples: ["hxp serve model guide", "hxp serve model guide --probe-port 9100"],
    platform: true,
  }).addOption(
    new Option("--probe-port <number>", "port of health and metrics on 127.0.0.1; default: none").argParser(parsePort),
  );
  model.addOption(new Option("--supervised", "tell the process that started this one how it goes").hideHelp());
  addLogLevel(model).action(async (name: string, flags: ServeModelFlags) => {
    const { serveModel } = await import("../serve/serve-model.ts");
    await serveModel(world, name, flags);
  });
}
