import { parseConfig, requireConfig } from "@hxp/config";
import { type GatewayConfig, gatewaySchema, type WrittenGateway } from "./gateway-schema.ts";
import { checkModels } from "./rules/check-models.ts";

// A gateway alone has no models served beside it: each needs an upstream.
const modelsAreAnswered = {
  reads: ["models"],
  check: ({ models }: Pick<GatewayConfig, "models">) => checkModels(models),
} as const;
const aloneSchema: typeof gatewaySchema = { ...gatewaySchema, rules: [...gatewaySchema.rules, modelsAreAnswered] };

/** The gateway's settings from an object as it would stand in `hxp.yaml`. Throws CONFIG_INVALID, with all problems as text. */
export function parseGatewayConfig(written: WrittenGateway = {}): GatewayConfig {
  const file = { layer: "file", file: "the gateway's options", content: JSON.stringify(written) } as const;
  return requireConfig(parseConfig(aloneSchema, { files: [file] }));
}
