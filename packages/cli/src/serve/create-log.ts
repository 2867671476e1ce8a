import { batchLines, createLogger, type Logger } from "@hxp/service";
import type { GatewayConfig } from "@hxp/schema-gateway";
import type { CliWorld } from "../cli/cli-world.ts";
import { createTextLogStream } from "../output/text-log-stream.ts";
import { readVersion } from "../version.ts";

/** Levels that `--log-level` takes. */
export type LogLevelName = GatewayConfig["log"]["level"];

/** What {@link createLog} takes. */
export interface LogChoice {
  /** Name in the field `service`. */
  readonly service: string;
  readonly level: LogLevelName;
  /** Whether lines wait for the end of their turn: not where native code may end the process. Default true. */
  readonly batch?: boolean;
}

/** The log of a server: on standard error, lines of JSON, but text on a terminal. */
export function createLog(world: CliWorld, { service, level, batch = true }: LogChoice): Logger {
  const lines = { write: world.writeError };
  const stream = world.isTerminal ? createTextLogStream((text) => world.progress.say(text)) : lines;
  const isBatched = batch && !world.isTerminal;
  return createLogger({ service, version: readVersion(), level, stream: isBatched ? batchLines(stream) : stream });
}
