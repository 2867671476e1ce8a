import type { RequestListener } from "node:http";
import { HxpError } from "@hxp/errors";
import { type GatewayConfig, parseGatewayConfig } from "@hxp/schema-gateway";
import {
  type DrainContext,
  type DrainReport,
  listen,
  type ListenAddress,
  type Listening,
  type Metrics,
  type Service,
  trackRequests,
} from "@hxp/service";
import { assembleGateway, type Parts } from "./assemble/assemble-gateway.ts";
import type { GatewayOptions } from "./gateway-options.ts";
import { createHttpServer } from "./server/create-server.ts";

/** A gateway. It is a `Service` of `@hxp/service`, so that a process can be made of it; leaving its scope (`await using`) closes it. */
export interface Gateway extends Service, AsyncDisposable {
  /**
   * Takes requests from now on; default: where the config says. Throws LISTEN_ADDRESS_IN_USE, LISTEN_DENIED or
   * LISTEN_ADDRESS_INVALID.
   */
  listen(address?: ListenAddress): Promise<Listening>;
  /** Answers requests of a `node:http` server of your own, in place of `listen`. */
  readonly handler: RequestListener;
  /** Undefined until it listens on TCP. */
  readonly port: number | undefined;
  readonly metrics: Metrics;
  readonly config: GatewayConfig;
  /** Sends requests to a model's upstreams again that were left alone for their faults: somebody knows that they are back. */
  retryNow(model: string): void;
  /**
   * Stops accepting and finishes what runs. At `signal`, by default after `config.drain.deadline`, each request that still runs is ended
   * with the error `server_draining`.
   */
  drain(context?: Partial<DrainContext>): Promise<DrainReport>;
  /** Drains, brings all usage to the storage or the spool, and gives everything back. */
  close(): Promise<void>;
}

/**
 * Makes a gateway: OpenAI's API in front of OpenAI-compatible servers, with keys, limits and usage. It reads the keys before it
 * resolves, but does not need the storage to answer. Throws CONFIG_INVALID, CONFIG_REFERENCE_MISSING, FILE_UNREADABLE or USAGE_INVALID.
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const config = options.config ?? parseGatewayConfig({ models: options.models ?? {} });
  const parts = await assembleGateway(options, config);
  return openGateway(parts, config);
}

function openGateway(parts: Parts, config: GatewayConfig): Gateway {
  const { handler, log } = parts;
  const server = createHttpServer(handler, { bodyTimeout: config.body.timeout });
  const tracker = trackRequests(server);
  let listening: Listening | undefined;
  let draining: Promise<DrainReport> | undefined;
  let stopping: Promise<void> | undefined;

  const drain = async (signal: AbortSignal): Promise<DrainReport> => {
    const startedAt = performance.now();
    log.draining({ inFlight: parts.activity.inFlight });
    const cut = (): void => parts.signals.abortAll(signal.reason);
    signal.addEventListener("abort", cut, { once: true });
    if (signal.aborted) cut();
    const report = await tracker.drain({ signal });
    await parts.activity.idle();
    signal.removeEventListener("abort", cut);
    parts.instruments.cutStreams.add({}, report.cut);
    log.drained({
      completed: report.completed,
      cut: report.cut,
      durationMs: Math.round(performance.now() - startedAt),
    });
    return report;
  };
  const gateway: Gateway = {
    listen: async (address = config.listen) => {
      listening = await listen(server, address);
      log.listening({ address: listening.address, models: Object.keys(config.models).length });
      return listening;
    },
    handler,
    get port() {
      return listening?.port;
    },
    metrics: parts.metrics,
    config,
    retryNow: (model) => parts.retryNow(model),
    whyUnready: () => (draining === undefined ? parts.whyUnready() : "draining"),
    progress: () => ({ pending: parts.activity.inFlight, done: parts.activity.done }),
    drain: ({ signal } = {}) => {
      draining ??= drain(signal ?? deadlineSignal(config.drain.deadline));
      return draining;
    },
    stop: async () => {
      stopping ??= Promise.resolve(parts[Symbol.asyncDispose]());
      await stopping;
    },
    close: async () => {
      await gateway.drain();
      await gateway.stop?.();
    },
    [Symbol.asyncDispose]: () => gateway.close(),
  };
  return gateway;
}

function deadlineSignal(ms: number): AbortSignal {
  const controller = new AbortController();
  const end = (): void => controller.abort(new HxpError("SERVER_DRAINING", "The server is shutting down."));
  setTimeout(end, ms).unref();
  return controller.signal;
}
