import { readFileSync } from "node:fs";
import type { GatewayConfig } from "@hxp/schema-gateway";
import {
  bindLogEvents,
  createLogger,
  createMetrics,
  type Instruments,
  type LogEvents,
  type Metrics,
  openTracing,
  type Tracing,
} from "@hxp/service";
import { gatewayLogEvents } from "../catalogue/log-events.ts";
import { gatewayMetrics } from "../catalogue/metrics.ts";
import type { GatewayOptions } from "../gateway-options.ts";

/** What a gateway says of itself. */
export interface Instrumentation extends AsyncDisposable {
  readonly metrics: Metrics;
  readonly instruments: Instruments<typeof gatewayMetrics>;
  readonly log: LogEvents<typeof gatewayLogEvents>;
  readonly tracing: Tracing;
}

/** Makes metrics, log and traces, as far as they are not given. Throws TRACING_UNAVAILABLE when traces are asked for that cannot be made. */
export async function openInstruments(options: GatewayOptions, config: GatewayConfig): Promise<Instrumentation> {
  const own = { service: "hxp-gateway", version: readVersion() };
  const metrics = options.metrics ?? createMetrics();
  const logger = options.logger ?? createLogger({ ...own, level: config.log.level });
  const { endpoint, sample } = config.tracing;
  const tracing = options.tracing ?? (await openTracing({ ...own, endpoint, ratio: sample }));
  return {
    metrics,
    instruments: metrics.register(gatewayMetrics),
    log: bindLogEvents(gatewayLogEvents, logger),
    tracing,
    [Symbol.asyncDispose]: async () => {
      if (options.tracing === undefined) await tracing.close();
    },
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
