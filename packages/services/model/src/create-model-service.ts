import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { LoadedModel } from "@hxp/engine";
import { HxpError } from "@hxp/errors";
import {
  bindLogEvents,
  listen,
  type ListenAddress,
  type Listening,
  type Service,
  type ServiceOptions,
  type StartContext,
  trackRequests,
} from "@hxp/service";
import { loadModel, type LoadModelOptions } from "./load/load-model.ts";
import { createModelHandler } from "./server/create-model-handler.ts";
import { modelEvents } from "./server/model-events.ts";
import { registerModelMetrics } from "./server/model-metrics.ts";
import { proveModel } from "./server/prove-model.ts";
import { RecentUsage } from "./server/recent-usage.ts";
import type { ServedModel } from "./server/served-model.ts";
import { type Hold, holdFile } from "./store/hold-file.ts";

/** What a model is served with. Name, engine, config and file are those of {@link LoadModelOptions}. */
export interface ServeModelOptions
  extends LoadModelOptions, Pick<ServiceOptions, "probe" | "log" | "metrics" | "clock" | "onState" | "stuckAfterMs"> {
  readonly listen: ListenAddress;
  /** Version of the service, in its log and metrics; default `0.0.0`. */
  readonly version?: string | undefined;
  /** How many ended requests are remembered for `GET /internal/usage/<id>`; default 10,000. */
  readonly rememberedRequests?: number | undefined;
  /** Called once, when it listens. */
  readonly onListening?: ((listening: Listening) => void) | undefined;
}

/**
 * Describes the service that loads one model and serves it, for `runService` of `@hxp/service`, which runs it as a whole
 * process, and for {@link serveModel}.
 */
export function createModelService(options: ServeModelOptions): ServiceOptions {
  const { name, config, version = "0.0.0", probe, log, metrics, clock, onState, stuckAfterMs } = options;
  return {
    name: `model-${name}`,
    version,
    start: (context) => start(options, context),
    drain: { deadlineMs: config.drain.deadline },
    ...(probe === undefined ? {} : { probe }),
    ...(log === undefined ? {} : { log }),
    ...(metrics === undefined ? {} : { metrics }),
    ...(clock === undefined ? {} : { clock }),
    ...(onState === undefined ? {} : { onState }),
    ...(stuckAfterMs === undefined ? {} : { stuckAfterMs }),
  };
}

async function start(options: ServeModelOptions, context: StartContext): Promise<Service> {
  const hold = holdModel(options);
  let model: LoadedModel | undefined;
  try {
    model = await loadModel(options, context);
    const service = await open(options, context, model);
    const stop = async (): Promise<void> => {
      await service.stop?.();
      hold?.release();
    };
    return { ...service, stop };
  } catch (error) {
    await model?.unload();
    hold?.release();
    throw error;
  }
}

function holdModel({ name, model }: ServeModelOptions): Hold | undefined {
  if (model?.use === undefined || !existsSync(model.use)) return undefined;
  const hold = holdFile(model.use, "shared");
  if (hold !== undefined) return hold;
  throw new HxpError("MODEL_IN_USE", `The file of the model ${name} is being removed from the store.`);
}

async function open(options: ServeModelOptions, context: StartContext, model: LoadedModel): Promise<Service> {
  const events = bindLogEvents(modelEvents, context.log);
  const { name, engine } = options;
  const { description, contextLength } = model.info;
  events.modelLoaded({
    model: name,
    engine: engine.name,
    about: description,
    contextLength,
    sha256: options.model?.sha256,
  });
  const served = describeServed(options, context, model);
  const server = createServer({ keepAliveTimeout: 75_000 }, createModelHandler(served));
  const tracker = trackRequests(server);
  const listening = await listen(server, options.listen);
  events.listening({ address: listening.address });
  options.onListening?.(listening);
  return {
    prove: (signal) => proveModel({ listening, served, knownAnswer: options.config.knownAnswer, signal }),
    progress: () => {
      const { promptTokens, completionTokens, ended } = model.metrics();
      const done = Object.values(ended).reduce((sum, count) => sum + count, promptTokens + completionTokens);
      return { pending: tracker.inFlight, done };
    },
    drain: (drain) => tracker.drain(drain),
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await model.unload();
    },
  };
}

const defaultRemembered = 10_000;

function describeServed(options: ServeModelOptions, context: StartContext, model: LoadedModel): ServedModel {
  const { name, engine, config, clock = Date.now, rememberedRequests = defaultRemembered } = options;
  const source = options.model?.sha256 ?? options.model?.file ?? "";
  const { chatTemplate, variant, settings } = config;
  const facts = JSON.stringify([engine.name, source, chatTemplate, variant, settings, model.info]);
  return {
    name,
    model,
    fingerprint: `fp_${createHash("sha256").update(facts).digest("hex").slice(0, 10)}`,
    createdAt: clock(),
    usage: new RecentUsage(rememberedRequests),
    maxBodyBytes: config.body.maxBytes,
    deadline: context.deadline,
    metrics: context.metrics,
    instruments: registerModelMetrics(context.metrics, model),
    events: bindLogEvents(modelEvents, context.log),
    clock,
  };
}
