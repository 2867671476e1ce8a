import { connect } from "node:net";
import { parseGatewayConfig, type WrittenGateway } from "@hxp/schema-gateway";
import { createLogger } from "@hxp/service";
import type { AuditEvent } from "@hxp/service/audit";
import { onTestFinished } from "vitest";
import { createGateway, type Gateway, type GatewayOptions, type GivenKey, makeKey } from "@hxp/gateway";
import { type AnswerOverride, startEngine, type TestEngine } from "./start-engine.ts";

/** A gateway in front of an engine, and all that it says. */
export interface TestGateway {
  readonly gateway: Gateway;
  readonly engine: TestEngine;
  readonly address: string;
  /** May use all models and endpoints. */
  readonly key: string;
  /** May also use the admin API. */
  readonly adminKey: string;
  /** Lines of the log. */
  readonly lines: readonly string[];
  readonly audited: readonly AuditEvent[];
  /** Asks with `key`; with `as`, by that one. */
  ask(path: string, init?: AskInit): Promise<Response>;
  /** Sends bytes as they are and gives all that comes back until the connection ends, or until `until` came. */
  send(text: string, until?: RegExp): Promise<string>;
}

/** What to ask. */
interface AskInit {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Key to ask with; null: none. */
  readonly as?: string | null;
  readonly signal?: AbortSignal;
}

/** What is different from the usual. */
export interface TestGatewayOptions {
  readonly settings?: Omit<WrittenGateway, "models">;
  /** Of the model `guide`. */
  readonly model?: Partial<NonNullable<WrittenGateway["models"]>[string]>;
  /** Of the only upstream of both models. */
  readonly upstream?: Partial<NonNullable<NonNullable<WrittenGateway["models"]>[string]["upstreams"]>[number]>;
  readonly keys?: readonly GivenKey[];
  readonly options?: Partial<GatewayOptions>;
  readonly answer?: AnswerOverride;
}

/** A chat that the engine answers. */
export const chat = { model: "guide", messages: [{ role: "user", content: "Hi" }] };

/** Starts a gateway with the models `guide` and `other` that lives as long as the test. */
export async function startGateway(given: TestGatewayOptions = {}): Promise<TestGateway> {
  const engine = await startEngine(given.answer);
  const lines: string[] = [];
  const audited: AuditEvent[] = [];
  const [key, adminKey] = [makeKey(), makeKey()];
  const upstreams = [{ url: engine.url, ...given.upstream }];
  const config = parseGatewayConfig({
    health: { interval: "0s" },
    ...given.settings,
    models: { guide: { upstreams, ...given.model }, other: { upstreams } },
  });
  const own = { name: "own", owner: "tests" };
  const gateway = await createGateway({
    config,
    ...(given.options?.stores === undefined
      ? { keys: [{ key, ...own }, { key: adminKey, ...own, admin: true }, ...(given.keys ?? [])] }
      : {}),
    audit: { append: async (event) => recordOf(event, audited) },
    logger: createLogger({ service: "test", version: "0", stream: { write: (line) => lines.push(line) } }),
    ...given.options,
  });
  const { address, port = 0 } = await gateway.listen({ port: 0 });
  onTestFinished(() => gateway.close());
  const ask: TestGateway["ask"] = (path, { method, body, headers, as = key, signal } = {}) =>
    fetch(`${address}${path}`, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: {
        ...(as === null ? {} : { authorization: `Bearer ${as}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  return {
    gateway,
    engine,
    address,
    key,
    adminKey,
    lines,
    audited,
    ask,
    send: (text, until) => sendRaw({ port, text, until }),
  };
}

function recordOf(event: AuditEvent, audited: AuditEvent[]) {
  audited.push(event);
  return { details: {}, ...event, seq: audited.length, time: "", previous: "", hash: "" };
}

function sendRaw({ port, text, until }: { port: number; text: string; until: RegExp | undefined }): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    let received = "";
    const end = (): void => {
      socket.destroy();
      resolve(received);
    };
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      if (until?.test(received) === true) end();
    });
    socket.on("error", end).on("close", end);
    socket.write(text, "latin1");
  });
}
