import { type GatewayConfig, parseGatewayConfig } from "@hxp/schema-gateway";
import type { ModelsConfig } from "@hxp/schema-model";

/**
 * The gateway's settings with a way to every model that is served here. What `gateway.models` says of such a model counts, its
 * price, limits and fallbacks; where it names upstreams, they answer in place of the model here.
 */
export function addLocalModels(
  gateway: GatewayConfig,
  { serve }: Pick<ModelsConfig, "serve">,
  socketOf: (model: string) => string,
): GatewayConfig {
  const local = Object.entries(serve).map(([name, { sequences, contextLength }]) => {
    // More would wait in the model's own queue, where nobody knows of priorities.
    const upstream = { socket: socketOf(name), maxConcurrency: sequences, continuousUsage: true, usageById: true };
    const model = { upstreams: [upstream], ...(contextLength === undefined ? {} : { contextLength }) };
    const { upstreams = [], ...defaults } = parseGatewayConfig({ models: { [name]: model } }).models[name] ?? {};
    const named = Object.hasOwn(gateway.models, name) ? gateway.models[name] : undefined;
    const isElsewhere = named !== undefined && named.upstreams.length > 0;
    return [name, isElsewhere ? named : { ...defaults, ...named, upstreams }] as const;
  });
  return { ...gateway, models: { ...gateway.models, ...(Object.fromEntries(local) as GatewayConfig["models"]) } };
}
