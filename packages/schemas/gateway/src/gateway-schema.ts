import { type ConfigOf, defineSchema, type WrittenOf } from "@hxp/config";
import * as z from "zod";
import { portsDiffer, revocationIsQuick } from "./rules/server-rules.ts";
import { fallbacksDiffer, upstreamHasOneAddress } from "./rules/model-rules.ts";
import { gatewayShape } from "./gateway-shape.ts";

/** The schema of the key `gateway` of `hxp.yaml`. */
export const gatewaySchema = defineSchema({
  id: "urn:hxp:schema:gateway:1",
  title: "The gateway: the OpenAI-compatible front door",
  schema: z.strictObject(gatewayShape),
  rules: [upstreamHasOneAddress, fallbacksDiffer, portsDiffer, revocationIsQuick],
});

/** The gateway's settings as a program reads them: defaults filled in, durations in milliseconds, references as secrets. */
export type GatewayConfig = ConfigOf<typeof gatewaySchema>;

/** The gateway's settings as a person writes them. */
export type WrittenGateway = WrittenOf<typeof gatewaySchema>;
