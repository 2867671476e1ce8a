import { type GatewayConfig, parseGatewayConfig } from "@hxp/schema-gateway";
import type { ModelsConfig } from "@hxp/schema-model";

/**
 * The gateway's settings with a way to every model that is served here. A model that `gateway.models` names with upstreams of
 * its own keeps them.
 */
export function addLocalModels(
  gateway: GatewayConfig,
  { serve }: Pick<ModelsConfig, "serve">,
  socketOf: (model: string) => string,
): GatewayConfig {
  const local = Object.entries(serve)
    .filter(([name]) => !Object.hasOwn(gateway.models, name))
    .map(([name, { sequences, contextLength }]) => {
      // More would wait in the model's own queue, where nobody knows of priorities.
      const upstream = { socket: socketOf(name), maxConcurrency: sequences, continuousUsage: true, usageById: true };
      const model = { upstreams: [upstream], ...(contextLength === undefined ? {} : { contextLength }) };
      return parseGatewayConfig({ models: { [name]: model } }).models;
    });
  const models: GatewayConfig["models"] = Object.assign({}, ...local);
  return { ...gateway, models: { ...models, ...gateway.models } };
}
