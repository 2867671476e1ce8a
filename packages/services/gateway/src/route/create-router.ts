import { HxpError } from "@hxp/errors";
import type { Lease } from "../pipeline.ts";
import type { AcquireRequest, Router, RouterOptions } from "./router.ts";

/** Makes the router of one node. */
export function createRouter(options: RouterOptions): Router {
  const acquire = async (request: AcquireRequest): Promise<Lease> => {
    request.signal.throwIfAborted();
    const model = options.models[request.model];
    if (model === undefined) throw new HxpError("MODEL_NOT_FOUND", `No model is called ${request.model}`);
    const target = model.targets.find(({ id }) => !request.exclude.has(id));
    if (target === undefined) throw new HxpError("MODEL_UNAVAILABLE", `No target of ${request.model} is left`);
    return { target, route: `${target.id};load=1;attempt=${request.exclude.size + 1}`, end: () => {} };
  };
  return {
    acquire,
    fallbacksOf: (model) => options.models[model]?.fallbacks ?? [],
    models: () => Object.keys(options.models),
    snapshot: () => ({}),
    [Symbol.asyncDispose]: async () => {},
  };
}
