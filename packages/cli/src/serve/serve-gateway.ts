import { HxpError } from "@hxp/errors";
import {
  bindLogEvents,
  type ListenAddress,
  runService,
  type Service,
  type StartContext,
  takeSystemdSockets,
} from "@hxp/service";
import type { PlatformFlags } from "../cli/add-command.ts";
import type { CliWorld } from "../cli/cli-world.ts";
import { prepareData, socketOf } from "../platform/data-folder.ts";
import { loadPlatform, type Platform } from "../platform/load-platform.ts";
import { openPepper } from "../platform/open-pepper.ts";
import { openStores } from "../platform/open-stores.ts";
import { platformEvents } from "../platform/platform-events.ts";
import { addLocalModels } from "../up/local-models.ts";
import { type RunningGateway, startGateway } from "../up/start-gateway.ts";
import { readVersion } from "../version.ts";
import { createLog, type LogLevelName } from "./create-log.ts";

/** Flags of `hxp serve gateway`. */
export type ServeGatewayFlags = PlatformFlags & { migrate?: boolean; logLevel?: LogLevelName };

/** Serves the gateway alone in this process until it is told to stop. Throws what kept it from starting. */
export async function serveGateway(world: CliWorld, flags: ServeGatewayFlags): Promise<void> {
  const platform = await loadPlatform(flags, world);
  const { gateway: settings, paths } = platform;
  await prepareData(paths);
  const listen = chooseAddress(platform);
  let running: RunningGateway | undefined;
  let failure: Error | undefined;
  const start = async (context: StartContext): Promise<Service> => {
    context.phase("opening storage");
    const events = bindLogEvents(platformEvents, context.log);
    const onProblem = (problem: string): void => events.storageProblem({ problem });
    const stores = await openStores(platform, { variables: world.variables, migrate: flags.migrate, onProblem });
    try {
      const { variables } = world;
      const pepper = await openPepper({ configured: settings.keys.pepper, file: paths.pepper, variables });
      const config = addLocalModels(settings, platform.models, (name) => socketOf(paths, name));
      running = await startGateway({ config, stores, pepper, data: paths.data, listen, variables }, context);
    } catch (error) {
      await stores[Symbol.asyncDispose]();
      throw error;
    }
    const { service } = running;
    const stop = async (): Promise<void> => {
      await service.stop?.();
      await stores[Symbol.asyncDispose]();
    };
    return { ...service, stop };
  };
  const exitCode = await runService({
    name: "hxp-gateway",
    version: readVersion(),
    start,
    probe: settings.probe,
    drain: { acceptMs: settings.drain.grace, deadlineMs: settings.drain.deadline },
    log: createLog(world, { service: "hxp-gateway", level: flags.logLevel ?? settings.log.level }),
    onStopped: ({ error }) => {
      failure = error;
    },
    onState: ({ stage }) => {
      if (stage !== "ready" || running === undefined) return;
      const { url } = running;
      world.write(
        flags.json === true ? `${JSON.stringify({ url })}\n` : `The gateway answers at ${url}. Ctrl-C ends it.\n`,
      );
    },
  });
  if (failure !== undefined) throw failure;
  world.setExitCode(exitCode);
}

/** A socket that systemd passes on is taken before all others. */
function chooseAddress({ gateway }: Platform): ListenAddress {
  const passed = [...takeSystemdSockets()];
  const [first] = passed;
  if (first === undefined) return gateway.listen;
  if (passed.length === 1) return { descriptor: first[1] };
  throw new HxpError(
    "LISTEN_SOCKETS_INVALID",
    `systemd passed ${passed.length} sockets to the gateway, which listens on one`,
  );
}
