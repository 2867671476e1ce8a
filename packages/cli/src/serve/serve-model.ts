import { HxpError, toHxpError } from "@hxp/errors";
import { createModelService, modelEvents, storePaths } from "@hxp/model";
import { bindLogEvents, type ListenAddress, type Logger, runService, takeSystemdSockets } from "@hxp/service";
import type { PlatformFlags } from "../cli/add-command.ts";
import type { CliWorld } from "../cli/cli-world.ts";
import { prepareData, socketOf } from "../platform/data-folder.ts";
import { loadPlatform, type Platform } from "../platform/load-platform.ts";
import { readVersion } from "../version.ts";
import { createLog, type LogLevelName } from "./create-log.ts";
import { connectToParent, type ParentChannel } from "./parent-channel.ts";
import { createEngine, type EngineLog } from "./create-engine.ts";
import { findModel } from "./find-model.ts";

/** Flags of `hxp serve model`. */
export type ServeModelFlags = PlatformFlags & { logLevel?: LogLevelName; probePort?: number; supervised?: boolean };

/** Serves one model in this process until it is told to stop. Throws what kept it from starting. */
export async function serveModel(world: CliWorld, name: string, flags: ServeModelFlags): Promise<void> {
  const parent = flags.supervised === true ? connectToParent() : undefined;
  try {
    await run(world, { name, flags, parent });
  } catch (error) {
    if (parent === undefined) throw error;
    // Whoever started this process tells it to people.
    await parent.fail(toHxpError(error));
    world.setExitCode(toHxpError(error).exitCode);
  } finally {
    parent?.close();
  }
}

interface Run {
  readonly name: string;
  readonly flags: ServeModelFlags;
  readonly parent: ParentChannel | undefined;
}

async function run(world: CliWorld, { name, flags, parent }: Run): Promise<void> {
  const platform = await loadPlatform(flags, world);
  const config = findServed(platform, name);
  await prepareData(platform.paths);
  const store = platform.models.store ?? platform.paths.models;
  const { file, knownAnswers } = await findModel(config, store);
  const [knownAnswer] = knownAnswers;
  const log = createLog(world, {
    service: `model-${name}`,
    batch: false,
    level: flags.logLevel ?? platform.gateway.log.level,
  });
  const service = createModelService({
    name,
    engine: await createEngine(config.engine, writeEngineLog(log, name)),
    config: { ...config, knownAnswer },
    model: file,
    verified: storePaths(store).verified,
    listen: chooseAddress(platform, name),
    version: readVersion(),
    log,
    ...(flags.probePort === undefined ? {} : { probe: { port: flags.probePort } }),
    onListening: ({ address }) => {
      if (parent === undefined) announce(world, flags, { model: name, address });
    },
    onState: (state) => parent?.tell(state),
  });
  let failure: Error | undefined;
  const exitCode = await runService({
    ...service,
    onStopped: ({ error }) => {
      failure = error;
    },
  });
  if (failure !== undefined) throw failure;
  world.setExitCode(exitCode);
}

function writeEngineLog(log: Logger, model: string): EngineLog {
  const events = bindLogEvents(modelEvents, log);
  return ({ level, message: line }) => {
    if (level === "error") events.engineError({ model, line });
    else events.engineWarning({ model, line });
  };
}

function findServed({ models }: Platform, name: string): Platform["models"]["serve"][string] {
  const found = Object.hasOwn(models.serve, name) ? models.serve[name] : undefined;
  if (found !== undefined) return found;
  const names = Object.keys(models.serve);
  throw new HxpError("USAGE_INVALID", `models.serve has no model ${JSON.stringify(name)}`, {
    hint: names.length === 0 ? "Add it under models.serve in hxp.yaml." : `It has ${names.join(", ")}.`,
  });
}

/** A socket that systemd passes on is taken before all others. */
function chooseAddress({ paths }: Platform, name: string): ListenAddress {
  const passed = [...takeSystemdSockets()];
  const [first] = passed;
  if (first === undefined) return { socket: socketOf(paths, name) };
  if (passed.length === 1) return { descriptor: first[1] };
  const message = `systemd passed ${passed.length} sockets to the model ${name}, which listens on one`;
  throw new HxpError("LISTEN_SOCKETS_INVALID", message);
}

function announce(world: CliWorld, flags: PlatformFlags, ready: { model: string; address: string }): void {
  const text = `The model ${ready.model} answers at ${ready.address}. Ctrl-C ends it.`;
  world.write(flags.json === true ? `${JSON.stringify(ready)}\n` : `${text}\n`);
}
