import type { HxpError } from "@hxp/errors";
import type { Stores } from "@hxp/schema-storage";
import { bindLogEvents, type Service, type StartContext } from "@hxp/service";
import type { CliWorld } from "../cli/cli-world.ts";
import type { Welcome } from "../output/render-welcome.ts";
import { socketOf } from "../platform/data-folder.ts";
import type { Platform } from "../platform/load-platform.ts";
import { openPepper } from "../platform/open-pepper.ts";
import { openStores } from "../platform/open-stores.ts";
import { platformEvents } from "../platform/platform-events.ts";
import type { ChildWords } from "./child-words.ts";
import { makeFirstKey } from "./first-key.ts";
import { findQuestions } from "./find-questions.ts";
import { addLocalModels } from "./local-models.ts";
import type { ModelEvent } from "./model-process.ts";
import { type RunningGateway, startGateway } from "./start-gateway.ts";
import { type RunningModels, startModels } from "./start-models.ts";

/** What {@link startPlatform} takes. */
export interface PlatformToStart {
  readonly platform: Platform;
  readonly world: CliWorld;
  readonly port: number;
  readonly words: ChildWords;
  /** Whether a database that others may use is migrated, too. */
  readonly migrate: boolean;
  /** Called when no model is left that could answer. */
  readonly onGivenUp: (error: HxpError) => void;
}

/** A platform that runs in this process and its models' processes. */
export interface RunningPlatform {
  readonly service: Service;
  readonly url: string;
  /** The key that was made because there was none. */
  readonly firstKey: string | undefined;
  readonly models: readonly string[];
  /** Sockets of the models' processes by name. */
  readonly sockets: ReadonlyMap<string, string>;
  readonly questions: Welcome["questions"];
  /** Requests whose answer has not ended. */
  inFlight(): number;
}

/** How long a model's process may take to end once nobody asks it anything: less than the service's own grace. */
const modelGraceMs = 4_000;

/** Starts models and storage at the same time, then the gateway before them. What was started is stopped when a part fails. */
export async function startPlatform(parts: PlatformToStart, context: StartContext): Promise<RunningPlatform> {
  const { platform, world, port } = parts;
  const sockets = new Map(Object.keys(platform.models.serve).map((name) => [name, socketOf(platform.paths, name)]));
  let gateway: RunningGateway | undefined;
  const onBack = (model: string): void => gateway?.retryNow(model);
  const { models, stores } = await startBelow({ ...parts, onBack }, sockets, context);
  const stopBelow = async (): Promise<void> => {
    await models.stop(modelGraceMs);
    await stores[Symbol.asyncDispose]();
  };
  try {
    const { gateway: settings, paths, operatorLog } = platform;
    const pepper = await openPepper({
      configured: settings.keys.pepper,
      file: paths.pepper,
      variables: world.variables,
    });
    const now = Date.now();
    const firstKey = await makeFirstKey({ store: stores.keys, auditLog: operatorLog, pepper, now });
    context.phase("opening the gateway");
    const config = addLocalModels(settings, platform.models, (name) => socketOf(paths, name));
    const listen = { host: settings.listen.host, port };
    const shared = { stores, pepper, data: paths.data, variables: world.variables };
    const front = await startGateway({ config, listen, ...shared }, context);
    gateway = front;
    return {
      service: joinServices(front, stopBelow),
      url: front.url,
      firstKey,
      models: Object.keys(config.models),
      sockets,
      questions: await findQuestions(platform.models),
      inFlight: () => front.inFlight(),
    };
  } catch (error) {
    await stopBelow();
    throw error;
  }
}

async function startBelow(
  { platform, world, words, migrate, onGivenUp, onBack }: PlatformToStart & { onBack: (model: string) => void },
  sockets: ReadonlyMap<string, string>,
  context: StartContext,
): Promise<{ models: RunningModels; stores: Stores }> {
  const failed = new AbortController();
  let failure: unknown;
  const fail = (error: unknown): never => {
    failure ??= error;
    failed.abort();
    throw error;
  };
  const lost = new Set<string>();
  const onEvent = (model: string, event: ModelEvent): void => {
    tell(context, model, event);
    if (event.type === "back") onBack(model);
    if (event.type !== "given-up") return;
    lost.add(model);
    const isLast =
      lost.size === sockets.size &&
      Object.values(platform.gateway.models).every(({ upstreams }) => upstreams.length === 0);
    if (isLast) onGivenUp(event.error);
  };
  const events = bindLogEvents(platformEvents, context.log);
  const onProblem = (problem: string): void => events.storageProblem({ problem });
  const signal = AbortSignal.any([context.signal, failed.signal]);
  const environment = childEnvironment(world.variables);
  const phase = context.phase.bind(context);
  const starting = startModels({ sockets, command: words, environment, onEvent }, { phase, signal });
  const [models, stores] = await Promise.allSettled([
    starting.catch(fail),
    openStores(platform, { variables: world.variables, migrate, onProblem }).catch(fail),
  ]);
  if (models.status === "fulfilled" && stores.status === "fulfilled")
    return { models: models.value, stores: stores.value };
  if (models.status === "fulfilled") await models.value.stop(0);
  if (stores.status === "fulfilled") await stores.value[Symbol.asyncDispose]();
  throw failure;
}

function tell({ log }: StartContext, model: string, event: ModelEvent): void {
  if (event.type === "died")
    log.warn(
      { model, reason: event.reason, restartInMs: event.restartInMs },
      "The process of a model ended; it is started again",
    );
  if (event.type === "back") log.warn({ model }, "A model is back");
  if (event.type === "given-up") log.error({ model, error: event.error }, "A model is given up");
}

/** What systemd says to this process is not for the models' processes, nor how its own memory is kept small: engines have many threads. */
function childEnvironment(variables: CliWorld["variables"]): NodeJS.ProcessEnv {
  const own = /^(?:NOTIFY_SOCKET|WATCHDOG_\w+|LISTEN_\w+|MALLOC_ARENA_MAX)$/;
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !own.test(name)));
}

function joinServices(gateway: RunningGateway, stopBelow: () => Promise<void>): Service {
  const { service } = gateway;
  return {
    ...service,
    stop: async () => {
      await service.stop?.();
      await stopBelow();
    },
  };
}
