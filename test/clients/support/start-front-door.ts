import { createGateway, type Gateway, makeKey } from "@hxp/gateway";
import { parseGatewayConfig, type WrittenGateway } from "@hxp/schema-gateway";
import type { KeyRecord } from "@hxp/schema-storage";
import { createLogger, type Logger } from "@hxp/service";
import { expect, vi } from "vitest";

/** The gateway as clients see it, and what the tests look at behind it. */
export interface FrontDoor {
  readonly gateway: Gateway;
  /** What clients take as base URL, with `/v1`. */
  readonly baseURL: string;
  readonly apiKey: string;
  /** Has the limits that the test gave. */
  readonly limitedKey: string;
  /** Waits until nothing is in flight any more. */
  idle(): Promise<void>;
  /** The sum of a counter over all its labels. */
  count(metric: string): Promise<number>;
}

/** What is different from the usual. */
export interface FrontDoorOptions {
  readonly models: NonNullable<WrittenGateway["models"]>;
  readonly settings?: Omit<WrittenGateway, "models">;
  /** Of `limitedKey`. */
  readonly limits?: KeyRecord["limits"];
  /** The gateway's. */
  readonly clock?: () => number;
}

/** A log that nobody reads. */
export const silent: Logger = createLogger({ service: "test", version: "0", stream: { write: () => true } });

/** Starts a gateway on a free port. It tries nothing again by itself, so that what clients do is what happens. */
export async function startFrontDoor({ models, settings, limits = {}, clock }: FrontDoorOptions): Promise<FrontDoor> {
  const [apiKey, limitedKey] = [makeKey(), makeKey()];
  const config = parseGatewayConfig({
    health: { interval: "0s" },
    retries: { attempts: 1 },
    breaker: { failures: 10_000 },
    // Clients keep connections that they have not used yet, which are not idle for Node: a drain waits for them.
    drain: { deadline: "1s" },
    ...settings,
    models,
  });
  const gateway = await createGateway({
    config,
    keys: [apiKey, { key: limitedKey, name: "limited", owner: "tests", limits }],
    logger: silent,
    clock,
  });
  const { address } = await gateway.listen({ port: 0 });
  return {
    gateway,
    baseURL: `${address}/v1`,
    apiKey,
    limitedKey,
    idle: () => until(() => expect(gateway.progress?.().pending).toBe(0)),
    count: async (metric) => sumOf(await gateway.metrics.render(), metric),
  };
}

/** Waits until an expectation holds; generously, for a busy machine. */
export async function until(expectation: () => unknown): Promise<void> {
  await vi.waitFor(expectation, { timeout: 30_000, interval: 10 });
}

/** The sum of a metric over all labels that it does not name itself. */
export function sumOf(metrics: string, name: string): number {
  const lines = metrics.split("\n").filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}
