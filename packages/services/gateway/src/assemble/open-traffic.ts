import type { GatewayConfig } from "@hxp/schema-gateway";
import type { Admission } from "../admit/admission.ts";
import { createAdmission } from "../admit/create-admission.ts";
import type { GatewayOptions } from "../gateway-options.ts";
import { createForwardHooks, createRouterListener, measureWaits, readRouterGauges } from "../observe/forward-hooks.ts";
import { createRouter } from "../route/create-router.ts";
import type { RoutedModel } from "../route/router.ts";
import type { ExchangeOptions } from "../server/exchange-handler.ts";
import { toInBandError } from "../server/write-error.ts";
import { createTargets } from "./create-targets.ts";
import type { Instrumentation } from "./open-instruments.ts";

/** What decides over requests and passes them on. */
export interface Traffic extends AsyncDisposable {
  readonly admission: Admission;
  readonly forward: ExchangeOptions["forward"];
  readonly models: ExchangeOptions["models"];
  retryNow(model: string): void;
}

/** Makes admission, router and what forwarding needs. Throws CONFIG_REFERENCE_MISSING for an upstream's token that is not there. */
export async function openTraffic(
  options: GatewayOptions,
  config: GatewayConfig,
  { instruments, log }: Instrumentation,
): Promise<Traffic> {
  const { clock } = options;
  const routed = await routeModels(options, config);
  const router = createRouter({
    models: routed,
    queue: config.queue,
    breaker: config.breaker,
    probe: config.health,
    onEvent: createRouterListener(instruments, log),
    clock,
  });
  readRouterGauges(router, instruments);
  const dispatchers = Object.values(routed).flatMap(({ targets }) => targets.map(({ dispatcher }) => dispatcher));
  return {
    admission: createAdmission({ ...limitsOf(config), clock }),
    models: new Map(
      Object.entries(config.models).map(([name, { price, contextLength }]) => [name, { price, contextLength }]),
    ),
    forward: {
      router: measureWaits(router, instruments),
      timeouts: config.timeouts,
      retries: config.retries,
      keepAlive: config.queue.keepAlive,
      toInBandError,
      hooks: createForwardHooks(instruments),
      ...(clock === undefined ? {} : { clock }),
    },
    retryNow: (model) => router.retryNow(model),
    [Symbol.asyncDispose]: async () => {
      await router[Symbol.asyncDispose]();
      await Promise.all(dispatchers.map((dispatcher) => dispatcher.destroy()));
    },
  };
}

async function routeModels(
  { variables = process.env }: GatewayOptions,
  { models, timeouts }: GatewayConfig,
): Promise<Readonly<Record<string, RoutedModel>>> {
  const routed = Object.entries(models).map(async ([model, { upstreams, fallbacks }]) => {
    const targets = await createTargets({ model, upstreams, connectTimeout: timeouts.connect, variables });
    return [model, { targets, fallbacks }] as const;
  });
  return Object.fromEntries(await Promise.all(routed));
}

function limitsOf({ limits, models }: GatewayConfig) {
  return {
    defaults: limits.default,
    teams: limits.teams,
    models: Object.fromEntries(Object.entries(models).map(([name, model]) => [name, model.limits])),
  };
}
