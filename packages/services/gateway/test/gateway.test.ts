import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createGateway, createKey, createMemoryStores, createPepper, makeKey } from "@hxp/gateway";
import { parseGatewayConfig } from "@hxp/schema-gateway";
import type { TraceAttributes, Tracing } from "@hxp/service";
import { createFailingStores } from "../src/testing/failing-store.ts";
import { startEngine } from "../src/testing/start-engine.ts";
import { chat, startGateway, type TestGateway } from "../src/testing/start-gateway.ts";

const invalid = expect.objectContaining({ code: "USAGE_INVALID" });

async function answerOf(world: TestGateway, body: object = chat): Promise<Response> {
  const answer = await world.ask("/v1/chat/completions", { body });
  return answer;
}

describe("createGateway", () => {
  test("answers in a server of one's own, and closes without having listened", async () => {
    const engine = await startEngine();
    const key = makeKey();
    const config = parseGatewayConfig({
      log: { level: "silent" },
      models: { guide: { upstreams: [{ url: engine.url }] } },
    });
    const gateway = await createGateway({ config, keys: [key] });
    const server = createServer(gateway.handler).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/chat/completions`;
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json", connection: "close" };
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(chat) });
    expect(await answer.json()).toMatchObject({ choices: [{ message: { content: "Hello!" } }] });
    await gateway.close();
    expect(gateway.port).toBeUndefined();
    const closed = once(server, "close");
    server.close();
    await closed;
  });

  test("takes either keys or stores, and a pepper with stores", async () => {
    await expect(createGateway({ models: {} })).rejects.toThrow(invalid);
    await expect(createGateway({ models: {}, keys: [], stores: createMemoryStores() })).rejects.toThrow(invalid);
    await expect(createGateway({ models: {}, stores: createMemoryStores() })).rejects.toThrow(invalid);
    await expect(createGateway({ models: {}, stores: createMemoryStores(), pepper: "short" })).rejects.toThrow(invalid);
    await expect(createGateway({ models: {}, keys: ["sk-mine"] })).rejects.toThrow(invalid);
  });

  test("says which folder it cannot write, and leaves nothing running", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "gateway-")), "file");
    onTestFinished(() => rm(dirname(file), { recursive: true }));
    await writeFile(file, "");
    const models = { guide: { upstreams: [{ url: "http://127.0.0.1:1/v1" }] } };
    await expect(createGateway({ models, keys: [], data: file })).rejects.toThrow(
      expect.objectContaining({ code: "FILE_UNREADABLE", message: expect.stringContaining(file) }),
    );
  });

  test("says what is wrong with its config, and which token is missing", async () => {
    await expect(createGateway({ models: { a: { upstreams: [{}] } }, keys: [] })).rejects.toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
    const upstreams = [{ url: "http://127.0.0.1:1/v1", token: "${env:NOT_THERE}" }];
    await expect(createGateway({ models: { a: { upstreams } }, keys: [], variables: {} })).rejects.toThrow(
      expect.objectContaining({ code: "CONFIG_REFERENCE_MISSING" }),
    );
  });
});

describe("a gateway", () => {
  test("answers chats, completions and embeddings, each at the engine's own path and under its name there", async () => {
    const world = await startGateway({ upstream: { model: "engine-name" } });
    for (const [path, body] of [
      ["/v1/chat/completions", chat],
      ["/v1/completions", { model: "guide", prompt: "Hi" }],
      ["/v1/embeddings", { model: "guide", input: "Hi" }],
    ] as const) {
      const answer = await world.ask(path, { body });
      expect([path, answer.status]).toEqual([path, 200]);
      expect(answer.headers.get("x-hxp-route")).toMatch(/^guide/);
      await answer.text();
    }
    expect(world.engine.seen.map(({ path }) => path)).toEqual([
      "/v1/chat/completions",
      "/v1/completions",
      "/v1/embeddings",
    ]);
    expect(world.engine.seen.map(({ body }) => body["model"])).toEqual(Array.from({ length: 3 }, () => "engine-name"));
  });

  test("shows what is left of limits, and refuses beyond them with 429 and when to come back", async () => {
    const world = await startGateway({ settings: { limits: { default: { requestsPerMinute: 2 } } } });
    const answers = [await answerOf(world), await answerOf(world), await answerOf(world)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers[0]?.headers.get("x-ratelimit-limit-requests")).toBe("2");
    const { headers } = answers[2] ?? new Response();
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    expect(Number(headers.get("retry-after-ms"))).toBeGreaterThan(0);
    expect(headers.get("x-should-retry")).toBe("true");
    expect(await answers[2]?.json()).toMatchObject({ error: { type: "requests", code: "rate_limit_exceeded" } });
  });

  test("gives back what was reserved for a request that never reached an engine", async () => {
    const world = await startGateway({
      upstream: { url: "http://127.0.0.1:1/v1" },
      settings: { retries: { attempts: 1 }, limits: { default: { concurrency: 1 } } },
    });
    for (let round = 0; round < 3; round += 1) expect((await answerOf(world)).status).toBeGreaterThanOrEqual(502);
  });

  test("knows what a budget has spent after a restart", async () => {
    const stores = createMemoryStores();
    const secret = "a pepper that is long enough for a test";
    const limits = { budget: { period: "day" as const, tokens: 10_000 } };
    const { key, record } = createKey({ name: "n", owner: "o", limits }, { pepper: createPepper(secret) });
    await stores.keys.insert(record);
    const usage = { id: "x", at: new Date().toISOString(), key: record.id, owner: "o", model: "guide" };
    const counts = { promptTokens: 9_990, cachedTokens: 0, completionTokens: 0, cost: 0, durationMs: 1 };
    await stores.usage.append([{ ...usage, ...counts, endpoint: "chat", countedBy: "engine", outcome: "completed" }]);
    const world = await startGateway({ options: { stores, pepper: secret } });
    const answer = await world.ask("/v1/chat/completions", { as: key, body: chat });
    expect([answer.status, answer.headers.get("x-should-retry")]).toEqual([429, "false"]);
    expect(await answer.json()).toMatchObject({ error: { code: "insufficient_quota" } });
  });

  test("serves while usage cannot be stored, keeps it on disk, and brings it in when it starts again", async () => {
    const data = await mkdtemp(join(tmpdir(), "gateway-"));
    onTestFinished(() => rm(data, { recursive: true, force: true }));
    const stores = createFailingStores(createMemoryStores());
    const secret = "a pepper that is long enough for a test";
    const { key, record } = createKey({ name: "n", owner: "o" }, { pepper: createPepper(secret) });
    await stores.keys.insert(record);
    const first = await startGateway({ options: { stores, pepper: secret, data } });
    stores.down = true;
    for (let round = 0; round < 3; round += 1) {
      const answer = await first.ask("/v1/chat/completions", { as: key, body: chat });
      expect([answer.status, (await answer.text()).includes("Hello!")]).toEqual([200, true]);
    }
    await first.gateway.close();
    expect(await readdir(join(data, "spool"))).toHaveLength(1);
    stores.down = false;
    const second = await startGateway({ options: { stores, pepper: secret, data } });
    expect(await stores.usage.sum({ by: "key", since: "2020-01-01T00:00:00.000Z" })).toMatchObject([
      { group: record.id, requests: 3, promptTokens: 15 },
    ]);
    expect(await readdir(join(data, "spool"))).toEqual([]);
    expect(await second.gateway.metrics.render()).toMatch(/hxp_gateway_usage_records_total\{fate="replayed"\} 3/);
  });

  test("counts what it does, without names of keys", async () => {
    const world = await startGateway();
    await (await answerOf(world)).text();
    await (await answerOf(world, { ...chat, model: "made-up" })).text();
    await (await world.ask("/v1/models", { as: null })).text();
    await vi.waitFor(async () => {
      const text = await world.gateway.metrics.render();
      expect(text).toMatch(
        /hxp_gateway_requests_total\{endpoint="chat",model="guide",status="200",outcome="completed"\} 1/,
      );
      expect(text).toMatch(
        /hxp_gateway_requests_total\{endpoint="chat",model="unknown",status="404",outcome="rejected"\} 1/,
      );
      expect(text).toMatch(/hxp_gateway_denied_total\{reason="missing"\} 1/);
      expect(text).toMatch(/hxp_gateway_tokens_total\{model="guide",kind="prompt"\} 5/);
      expect(text).toMatch(/hxp_gateway_requests_in_flight 0/);
      expect(text).not.toContain("made-up");
      expect(text).not.toContain(world.key.slice(4, 20));
    }, 10_000);
  });

  test("passes its client's trace on where it traces nothing itself, and nothing that is none", async () => {
    const world = await startGateway();
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for (const sent of [traceparent, "00-0-0-01", `${traceparent}, ${traceparent}`]) {
      await (await world.ask("/v1/chat/completions", { body: chat, headers: { traceparent: sent } })).text();
    }
    expect(world.engine.seen.map(({ headers }) => headers["traceparent"])).toEqual([traceparent, undefined, undefined]);
  });

  test("traces a request as a part of its client's trace, by the GenAI conventions, without content", async () => {
    const spans: { name: string; traceparent: string | undefined; attributes: TraceAttributes }[] = [];
    const theirs = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const ours = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";
    const tracing: Tracing = {
      begin: (name, { traceparent, attributes = {} } = {}) => {
        const seen = { name, traceparent, attributes };
        spans.push(seen);
        const set = (more: TraceAttributes): void => void (seen.attributes = { ...seen.attributes, ...more });
        const span = {
          traceparent: ours,
          traceId: "0af7651916cd43dd8448eb211c80319c",
          set,
          fail: () => {},
          end: () => {},
          begin: () => span,
        };
        return span;
      },
      close: async () => {},
    };
    const world = await startGateway({ options: { tracing } });
    const body = { ...chat, max_tokens: 9, temperature: 0.5 };
    await (await world.ask("/v1/chat/completions", { body, headers: { traceparent: theirs } })).text();
    expect(spans).toMatchObject([
      {
        name: "chat guide",
        traceparent: theirs,
        attributes: {
          "gen_ai.operation.name": "chat",
          "gen_ai.request.model": "guide",
          "gen_ai.request.max_tokens": 9,
          "gen_ai.usage.input_tokens": 5,
          "gen_ai.usage.output_tokens": 2,
          "http.response.status_code": 200,
        },
      },
    ]);
    expect(JSON.stringify(spans)).not.toMatch(/Hi|Hello/);
    expect(world.engine.seen[0]?.headers["traceparent"]).toBe(ours);
  });
});
