import type { RequestListener } from "node:http";
import type { GatewayConfig } from "@hxp/schema-gateway";
import type { Tracing } from "@hxp/service";
import { createAdminHandlers } from "../admin/admin-handlers.ts";
import { createAuthenticator } from "../authenticate/authenticator.ts";
import type { GatewayOptions } from "../gateway-options.ts";
import { createRequestObserver } from "../observe/observe-requests.ts";
import type { CallHandler } from "../server/call.ts";
import { createSignals, type Signals } from "../server/client-signal.ts";
import { type Activity, countActivity } from "../server/count-activity.ts";
import { createHandler } from "../server/create-handler.ts";
import { createExchangeHandler } from "../server/exchange-handler.ts";
import { createModelHandlers } from "../server/list-models.ts";
import type { RouteName } from "../server/routes.ts";
import { type Instrumentation, openInstruments } from "./open-instruments.ts";
import { type OpenedKeys, openKeys } from "./open-keys.ts";
import { openRecords, type Records } from "./open-records.ts";
import { openTraffic, type Traffic } from "./open-traffic.ts";

/** What a gateway is made of. */
export interface Parts extends Instrumentation, AsyncDisposable {
  readonly handler: RequestListener;
  readonly signals: Signals;
  readonly activity: Activity;
  /** Why nobody could be served right now. */
  whyUnready(): string | undefined;
  retryNow(model: string): void;
}

/** Puts a gateway together. What it opens is closed by disposing of the parts. */
export async function assembleGateway(options: GatewayOptions, config: GatewayConfig): Promise<Parts> {
  const { clock = Date.now } = options;
  const opened = await openKeys(options, config);
  const instrumentation = await openInstruments(options, config);
  const traffic = await openTraffic(options, config, instrumentation);
  const closeTraffic = async (): Promise<void> => {
    await traffic[Symbol.asyncDispose]();
    await instrumentation[Symbol.asyncDispose]();
  };
  const input = { options, config, opened, admission: traffic.admission, instrumentation };
  const records = await openRecords(input).catch(async (error: unknown) => {
    await closeTraffic();
    throw error;
  });
  const signals = createSignals();
  const activity = countActivity();

  const { instruments, log, tracing } = instrumentation;
  const observe = createRequestObserver({ metrics: instruments, log, denials: records.denials, clock });
  const handler = createHandler({
    authenticate: createAuthenticator({ keys: records.keys, pepper: opened.pepper, clock }),
    handlers: createHandlers({ config, opened, traffic, records, signals, tracing, clock }),
    onEnd: (ended) => {
      activity.end();
      observe(ended);
    },
    clock,
    sendTimeout: config.timeouts.send,
  });
  instruments.inFlight.read({}, () => activity.inFlight);
  return {
    ...instrumentation,
    signals,
    activity,
    handler: (request, response) => {
      activity.begin();
      handler(request, response);
    },
    whyUnready: () => {
      const { keys, ageMs } = records.keys.state();
      return keys === 0 && ageMs === Number.POSITIVE_INFINITY ? "no keys could be read yet" : undefined;
    },
    retryNow: (model) => traffic.retryNow(model),
    [Symbol.asyncDispose]: async () => {
      await records[Symbol.asyncDispose]();
      await closeTraffic();
    },
  };
}

interface HandlerParts {
  readonly config: GatewayConfig;
  readonly opened: OpenedKeys;
  readonly traffic: Traffic;
  readonly records: Records;
  readonly signals: Signals;
  readonly tracing: Tracing;
  readonly clock: () => number;
}

function createHandlers(parts: HandlerParts): Readonly<Record<RouteName, CallHandler>> {
  const { config, opened, traffic, records, signals, tracing, clock } = parts;
  const exchange = {
    ...traffic,
    body: config.body,
    signals,
    record: records.recorder.record,
    tracing,
    clock,
  };
  return {
    chat: createExchangeHandler("chat", exchange),
    completions: createExchangeHandler("completions", exchange),
    embeddings: createExchangeHandler("embeddings", exchange),
    ...createModelHandlers(Object.keys(config.models), clock()),
    ...createAdminHandlers({
      ...opened.stores,
      pepper: opened.pepper,
      auditor: records.auditor,
      onChange: records.keys.learn,
      limits: config.body,
      clock,
    }),
  };
}
