import type * as z from "zod";
import { keysSection } from "./sections/keys.ts";
import { limitsSection } from "./sections/limits.ts";
import { listenSection, probeSection } from "./sections/listen.ts";
import { modelsSection } from "./sections/models.ts";
import {
  auditSection,
  bodySection,
  drainSection,
  logSection,
  tracingSection,
  usageSection,
} from "./sections/server.ts";
import { breakerSection, healthSection, queueSection, retriesSection, timeoutsSection } from "./sections/traffic.ts";

/** The keys of the section, in the order in which a request meets them. */
export const gatewayShape = {
  listen: listenSection,
  probe: probeSection,
  body: bodySection,
  keys: keysSection,
  limits: limitsSection,
  models: modelsSection,
  queue: queueSection,
  breaker: breakerSection,
  health: healthSection,
  timeouts: timeoutsSection,
  retries: retriesSection,
  usage: usageSection,
  audit: auditSection,
  drain: drainSection,
  log: logSection,
  tracing: tracingSection,
};

/** What rules are run on. */
export type GatewaySections = z.output<z.ZodObject<typeof gatewayShape>>;
