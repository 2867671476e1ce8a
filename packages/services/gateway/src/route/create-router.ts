import { HxpError } from "@hxp/errors";
import { planFallbacks } from "./fallbacks.ts";
import { ModelRoute } from "./model-route.ts";
import { watchTargets } from "./probe/watch-targets.ts";
import type { Router, RouterOptions } from "./router.ts";
import { breakerSettings, probeSettings, queueSettings } from "./settings.ts";

const defaultHalfLife = 3000;

/** Makes the router of one node. Throws CONFIG_RULE_BROKEN for a fallback that is no model. */
export function createRouter(options: RouterOptions): Router {
  const { clock = Date.now, random = Math.random, onEvent = () => {} } = options;
  const models = new Map(Object.entries(options.models));
  const probe = probeSettings(options.probe);
  const common = {
    queue: queueSettings(options.queue),
    breaker: breakerSettings(options.breaker),
    hintHalfLife: probe?.hintHalfLife ?? defaultHalfLife,
    clock,
    random,
    onEvent,
  };
  const fallbacks = planFallbacks(models);
  const routes = new Map(
    Array.from(models, ([model, { targets }]) => [model, new ModelRoute({ ...common, model, targets })]),
  );
  const stop = new AbortController();
  if (probe !== undefined) watchTargets({ routes: [...routes.values()], settings: probe, clock, random }, stop.signal);
  return {
    acquire: async (request) => {
      const route = routes.get(request.model);
      if (route === undefined) throw modelNotFound(request.model);
      return route.acquire(request);
    },
    fallbacksOf: (model) => fallbacks.get(model) ?? [],
    models: () => [...models.keys()],
    snapshot: () => Object.fromEntries(Array.from(routes, ([model, route]) => [model, route.snapshot()])),
    retryNow: (model) => routes.get(model)?.retryNow(),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      for (const route of routes.values()) route.close();
    },
  };
}

function modelNotFound(model: string): HxpError {
  return new HxpError("MODEL_NOT_FOUND", `There is no model ${JSON.stringify(model)} here`, { details: { model } });
}
