import { randomBytes } from "node:crypto";
import { createGateway, createKey, createPepper } from "@hxp/gateway";
import { parseGatewayConfig } from "@hxp/schema-gateway";
import type { Stores } from "@hxp/schema-storage";
import { batchLines, createLogger, createMetrics } from "@hxp/service";
import { openAuditLog } from "@hxp/service/audit";
import { endWithParent, tellParent } from "./parent.ts";

/** Where the gateway that is measured keeps keys and usage. */
export interface MeasuredStores {
  /** For the report, such as `embedded storage`. */
  readonly name: string;
  readonly open: (folder: string) => Stores | Promise<Stores>;
}

/** No request of the bench meets a limit, but every request is checked against all of them. */
const limits = {
  requestsPerMinute: 100_000_000,
  tokensPerMinute: 2_000_000_000_000,
  concurrency: 10_000,
  budget: { period: "day", tokens: 2_000_000_000_000, cost: 1_000_000_000 },
} as const;

/** Milliseconds between two readings of all metrics, as by a Prometheus. */
const scrapeInterval = 5000;

/**
 * Serves a gateway with all that it can do: keys with every kind of limit, usage into `stores` with the spool behind it, the
 * log on standard error, metrics that are read, an audit log. Its arguments are the upstream's address and a folder.
 */
export async function serveHxp(stores: MeasuredStores): Promise<void> {
  const [url = "", folder = ""] = process.argv.slice(2);
  const pepper = randomBytes(32);
  const opened = await stores.open(`${folder}/storage`);
  const request = { name: "bench", owner: "bench", team: "bench" };
  const { key, record } = createKey(request, { pepper: createPepper(pepper) });
  await opened.keys.insert(record);
  const metrics = createMetrics({ process: true });
  const audit = await openAuditLog({ file: `${folder}/audit.jsonl` });
  const gateway = await createGateway({
    config: parseGatewayConfig({
      limits: { default: limits, teams: { bench: limits } },
      models: { bench: { upstreams: [{ url, maxConcurrency: 1024 }], limits, price: { input: 1, output: 2 } } },
    }),
    stores: opened,
    pepper,
    data: folder,
    audit,
    metrics,
    logger: createLogger({ service: "hxp-gateway", version: "bench", stream: batchLines(process.stderr) }),
  });
  const { address } = await gateway.listen({ port: 0, host: "127.0.0.1" });
  setInterval(() => void metrics.render(), scrapeInterval).unref();
  endWithParent(async () => {
    await gateway.close();
    await audit.close();
    await opened[Symbol.asyncDispose]();
  });
  tellParent({ url: `${address}/v1`, key, stores: stores.name });
}
