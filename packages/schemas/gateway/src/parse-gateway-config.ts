import { parseConfig, requireConfig } from "@hxp/config";
import { type GatewayConfig, gatewaySchema, type WrittenGateway } from "./gateway-schema.ts";

/** The gateway's settings from an object as it would stand in `hxp.yaml`. Throws CONFIG_INVALID, with all problems as text. */
export function parseGatewayConfig(written: WrittenGateway = {}): GatewayConfig {
  const file = { layer: "file", file: "the gateway's options", content: JSON.stringify(written) } as const;
  return requireConfig(parseConfig(gatewaySchema, { files: [file] }));
}
