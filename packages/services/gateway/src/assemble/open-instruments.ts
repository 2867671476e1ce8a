import { readFileSync } from "node:fs";
import type { GatewayConfig } from "@hxp/schema-gateway";
import {
  bindLogEvents,
  createLogger,
  createMetrics,
  type Instruments,
  type LogEvents,
  type Metrics,
} from "@hxp/service";
import { gatewayLogEvents } from "../catalogue/log-events.ts";
import { gatewayMetrics } from "../catalogue/metrics.ts";
import type { GatewayOptions } from "../gateway-options.ts";

/** What a gateway says of itself. */
export interface Instrumentation {
  readonly metrics: Metrics;
  readonly instruments: Instruments<typeof gatewayMetrics>;
  readonly log: LogEvents<typeof gatewayLogEvents>;
}

/** Makes metrics and log, as far as they are not given. */
export function openInstruments(options: GatewayOptions, config: GatewayConfig): Instrumentation {
  const metrics = options.metrics ?? createMetrics();
  const logger =
    options.logger ?? createLogger({ service: "hxp-gateway", version: readVersion(), level: config.log.level });
  return {
    metrics,
    instruments: metrics.register(gatewayMetrics),
    log: bindLogEvents(gatewayLogEvents, logger),
  };
}

function readVersion(): string {
  for (const path of ["../package.json", "../../package.json"]) {
    try {
      const manifest: unknown = JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
      if (typeof manifest === "object" && manifest !== null && "version" in manifest) return String(manifest.version);
    } catch {
      // Bundled, this file lies one folder higher than here.
    }
  }
  return "unknown";
}
