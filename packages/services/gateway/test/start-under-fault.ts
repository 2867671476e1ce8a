import { parseGatewayConfig, type WrittenGateway } from "@hxp/schema-gateway";
import type { KeyRecord, UsageRecord } from "@hxp/schema-storage";
import { createLogger } from "@hxp/service";
import { createGateway, createKey, createMemoryStores, createPepper, type Gateway } from "@hxp/gateway";
import { expect, onTestFinished, vi } from "vitest";
import { type HostileUpstream, startHostileUpstream } from "./hostile-upstream.ts";

/** What a client saw. */
interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The error's object, of the body or in the stream. */
  readonly error: Record<string, unknown> | undefined;
  /** Data of the events, but for an error. */
  readonly events: readonly string[];
}

/** A gateway with room for one request only, in front of upstreams that misbehave. */
export interface UnderFault {
  readonly gateway: Gateway;
  readonly address: string;
  readonly key: string;
  readonly upstream: HostileUpstream;
  readonly others: readonly HostileUpstream[];
  readonly ask: (init?: Ask) => Promise<Answer>;
  /** The response itself. */
  readonly send: (init?: Ask) => Promise<Response>;
  /** All records of the ledger so far. */
  readonly records: () => readonly UsageRecord[];
  /** Waits for the ledger's record of a request, the last one by default. */
  readonly ledger: (count?: number) => Promise<UsageRecord>;
}

/** What to ask. */
interface Ask {
  /** Default `/chat/completions`. */
  readonly path?: string;
  readonly stream?: boolean;
  readonly body?: Record<string, unknown>;
  readonly signal?: AbortSignal;
}

/** What is different from the usual. */
export interface FaultOptions {
  readonly settings?: Omit<WrittenGateway, "models">;
  /** Of the first upstream. */
  readonly target?: Record<string, unknown>;
  /** Of the key. Default one request at a time. */
  readonly limits?: KeyRecord["limits"];
  /** More upstreams of the model. */
  readonly others?: number;
  /** Adds a model `spare` with one more upstream, the last of `others`, that the model falls back to. */
  readonly fallback?: boolean;
}

/** Starts all of it; it ends with the test. */
export async function startUnderFault(options: FaultOptions = {}): Promise<UnderFault> {
  const upstream = await startHostileUpstream();
  const others: HostileUpstream[] = [];
  for (let index = 0; index < (options.others ?? 0); index++) others.push(await startHostileUpstream());
  const records: UsageRecord[] = [];
  const pepper = createPepper("p".repeat(32));
  const { limits = { concurrency: 1 } } = options;
  const { key, record } = createKey({ name: "k", owner: "o", limits }, { pepper });
  const stores = createMemoryStores([record]);
  const own = [{ url: upstream.url, maxConcurrency: 1, ...options.target }];
  const [spare] = options.fallback === true ? others.slice(-1) : [];
  const rest = others.filter((other) => other !== spare).map(({ url }) => ({ url, maxConcurrency: 1 }));
  const config = parseGatewayConfig({
    health: { interval: "0s" },
    retries: { attempts: 1 },
    // Each test looks at one fault; that many of them open a breaker is tested where it is.
    breaker: { failures: 1000 },
    usage: { interval: "10ms" },
    ...options.settings,
    models: {
      guide: { upstreams: [...own, ...rest], fallbacks: spare === undefined ? [] : ["spare"] },
      ...(spare === undefined ? {} : { spare: { upstreams: [{ url: spare.url }] } }),
    },
  });
  const gateway = await createGateway({
    config,
    pepper: "p".repeat(32),
    stores: {
      keys: stores.keys,
      usage: {
        ...stores.usage,
        append: async (added) => {
          records.push(...added);
          await stores.usage.append(added);
        },
      },
    },
    logger: createLogger({ service: "test", version: "0", stream: { write: () => true } }),
  });
  const { address } = await gateway.listen({ port: 0 });
  onTestFinished(() => gateway.close());
  const send: UnderFault["send"] = ({ path = "/chat/completions", stream = false, body, signal } = {}) =>
    fetch(`${address}/v1${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "guide", messages: [{ role: "user", content: "Hi" }], stream, ...body }),
      ...(signal === undefined ? {} : { signal }),
    });
  return {
    gateway,
    address,
    key,
    upstream,
    others,
    send,
    ask: async (init) => readAnswer(await send(init)),
    records: () => records,
    ledger: async (count = 1) => {
      await vi.waitFor(() => expect(records.length).toBeGreaterThanOrEqual(count), { timeout: 30_000, interval: 5 });
      const found = records[count - 1];
      if (found === undefined) throw new Error("There is no such record");
      return found;
    },
  };
}

async function readAnswer(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const text = await response.text();
  const isStream = headers.get("content-type")?.startsWith("text/event-stream") === true;
  const events = isStream ? [...text.matchAll(/^data: (.*)\n\n/gm)].map(([, data = ""]) => data) : [];
  const bodies = isStream ? events.filter((data) => data !== "[DONE]") : [text];
  const errors = bodies.map((body) => (JSON.parse(body) as { error?: Record<string, unknown> }).error);
  return {
    status,
    headers,
    text,
    error: errors.find((error) => error !== undefined),
    events: events.filter((data) => !data.startsWith('{"error"')),
  };
}

/** Fails unless the place and the slot that the request before had are free: there is only one of each. */
export async function expectNoLeak({ upstream, ask }: UnderFault): Promise<void> {
  upstream.behave((response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end('{"choices":[{"index":0,"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}');
  });
  await vi.waitFor(async () => expect((await ask()).status).toBe(200), { timeout: 30_000, interval: 20 });
}
