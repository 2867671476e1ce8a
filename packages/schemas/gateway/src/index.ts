export { gatewaySchema } from "./gateway-schema.ts";
export { checkModels } from "./rules/check-models.ts";
export { parseGatewayConfig } from "./parse-gateway-config.ts";
export type { GatewayConfig, WrittenGateway } from "./gateway-schema.ts";
