import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  flapping,
  type RequestFault,
  seededFaults,
  type SimulatorServer,
  startSimulatorServer,
} from "@hxp/engine-simulator";

const messages = [{ role: "user", content: "Hello" }];
const body = { model: "simulator", messages, temperature: 0 };

/** What is looked at in answers, whole or in pieces. */
interface Told {
  choices: {
    index: number;
    delta: { content?: string; tool_calls?: object[] };
    message: { content: string };
    logprobs: { content: { top_logprobs: object[] }[] };
  }[];
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
  data: { embedding: number[] }[];
}

let server: SimulatorServer;
beforeEach(async () => {
  server = await startSimulatorServer({ contextLength: 512, sequences: 2 });
});
afterEach(() => server.close());

function ask(
  value: object,
  options: { id?: string; path?: string; fault?: RequestFault; signal?: AbortSignal } = {},
): Promise<Response> {
  const { id = "r1", path = "/v1/chat/completions", fault, signal } = options;
  const headers: Record<string, string> = { "content-type": "application/json", "x-request-id": id };
  if (fault !== undefined) headers["x-simulator-fault"] = JSON.stringify(fault);
  return fetch(`${server.url}${path}`, {
    method: "POST",
    headers,
    body: JSON.stringify(value),
    signal: signal ?? null,
  });
}

function parseEvents(text: string): Told[] {
  const lines = text.split("\n\n").filter((line) => line.startsWith("data: {"));
  return lines.map((line) => JSON.parse(line.slice("data: ".length)) as Told);
}

test("a stream has the text of the whole answer, and usage in each piece where it is asked for", async () => {
  const whole = (await (await ask(body)).json()) as Told;
  const text = await (
    await ask({ ...body, stream: true, stream_options: { include_usage: true, continuous_usage_stats: true } })
  ).text();
  const events = parseEvents(text);
  expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  const content = events.map(({ choices }) => choices[0]?.delta.content ?? "").join("");
  expect(content).toBe(whole.choices[0]?.message.content);
  expect(events.at(-1)).toMatchObject({
    choices: [],
    usage: { prompt_tokens: whole.usage.prompt_tokens, completion_tokens: whole.usage.completion_tokens },
  });
  expect(events.every(({ usage }) => usage.total_tokens > 0)).toBe(true);
});

test("several answers, a tool, a schema, logprobs and embeddings are answered", async () => {
  const many = (await (await ask({ ...body, n: 3, logprobs: true, top_logprobs: 2 })).json()) as Told;
  expect(many.choices.map((choice) => choice.index)).toEqual([0, 1, 2]);
  expect(many.choices[0]?.logprobs.content[0]?.top_logprobs).toHaveLength(2);
  const tools = [{ type: "function", function: { name: "f", parameters: { type: "object", properties: {} } } }];
  const called = parseEvents(await (await ask({ ...body, stream: true, tools })).text());
  const [first] = called.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
  expect(first).toMatchObject({ index: 0, id: expect.any(String), type: "function", function: { name: "f" } });
  const schema = { type: "object", properties: { a: { type: "integer" } }, required: ["a"] };
  const bound = (await (
    await ask({ ...body, response_format: { type: "json_schema", json_schema: { name: "s", schema } } })
  ).json()) as Told;
  expect(JSON.parse(bound.choices[0]?.message.content ?? "")).toEqual({ a: expect.any(Number) });
  const embedded = (await (
    await ask({ model: "simulator", input: ["a", "b"] }, { path: "/v1/embeddings" })
  ).json()) as Told;
  expect(embedded.data.map(({ embedding }) => embedding.length)).toEqual([32, 32]);
});

test("metrics have vLLM's names, and sums that fit the log", async () => {
  await ask(body, { id: "a" }).then((answer) => answer.text());
  await ask({ ...body, n: 2 }, { id: "b" }).then((answer) => answer.text());
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const read = (name: string): number => Number(new RegExp(`^vllm:${name}\\{[^}]*\\} (\\S+)$`, "m").exec(text)?.[1]);
  const sum = (key: "promptTokens" | "completionTokens"): number =>
    server.requests.reduce((total, each) => total + each[key], 0);
  expect(read("num_requests_running")).toBe(0);
  expect(read("num_requests_waiting")).toBe(0);
  expect(read("kv_cache_usage_perc")).toBe(0);
  expect(read("prompt_tokens_total")).toBe(sum("promptTokens"));
  expect(read("generation_tokens_total")).toBe(sum("completionTokens"));
  expect(text).toMatch(/vllm:time_to_first_token_seconds_bucket\{engine="0",model_name="simulator",le="\+Inf"\} 2/);
});

test("a client that leaves is seen, and what was generated for it is known", async () => {
  await server.close();
  server = await startSimulatorServer({ tokensPerSecond: 200, answerTokens: [400, 400] });
  const controller = new AbortController();
  const answer = await ask({ ...body, stream: true }, { id: "gone", signal: controller.signal });
  await answer.body?.getReader().read();
  controller.abort();
  while (server.find("gone")?.abortedAt === undefined) await sleep(2);
  while (server.metrics().running > 0) await sleep(2);
  const seen = server.find("gone");
  expect(seen?.completionTokens).toBeGreaterThan(0);
  expect(seen?.completionTokens).toBeLessThan(400);
  expect(server.metrics()).toMatchObject({ completionTokens: seen?.completionTokens, ended: { aborted: 1 } });
});

test("a context that is too small is told in vLLM's words", async () => {
  const answer = await ask({ ...body, max_tokens: 100_000 });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({
    error: {
      type: "BadRequestError",
      code: 400,
      message: expect.stringContaining("maximum context length is 512 tokens"),
    },
  });
});

describe("faults", () => {
  test.each([429, 500, 503])("%i is answered, with Retry-After where it is wanted", async (status) => {
    const plain = await ask(body, { fault: { type: "status", status } });
    expect([plain.status, plain.headers.get("retry-after")]).toEqual([status, null]);
    const later = await ask(body, { fault: { type: "status", status, retryAfterSeconds: 3 } });
    expect([later.status, later.headers.get("retry-after")]).toEqual([status, "3"]);
  });

  test("a reset ends the connection before an answer", async () => {
    await expect(ask(body, { fault: { type: "reset" } })).rejects.toThrow("fetch failed");
  });

  test("a cut ends it within an answer, stream or not, and stops the engine", async () => {
    const fault = { type: "cut", afterTokens: 2 } as const;
    const answer = await ask({ ...body, stream: true }, { id: "cut", fault });
    await expect(answer.text()).rejects.toThrow();
    await expect(ask(body, { fault })).rejects.toThrow("fetch failed");
    expect(server.find("cut")).toMatchObject({ completionTokens: 2, abortedAt: undefined });
    expect(server.metrics().running).toBe(0);
  });

  test.each([{ type: "no-response" }, { type: "stall", afterTokens: 1 }] as const)(
    "$type lasts until the client leaves",
    async (fault) => {
      const controller = new AbortController();
      const run = ask({ ...body, stream: false }, { id: "left", fault, signal: controller.signal });
      while (server.find("left") === undefined) await sleep(2);
      controller.abort();
      await expect(run).rejects.toThrow();
      while (server.find("left")?.abortedAt === undefined) await sleep(2);
      expect(server.find("left")?.status).toBeUndefined();
    },
  );

  test("a malformed piece comes once, and the stream goes on", async () => {
    const text = await (await ask({ ...body, stream: true }, { fault: { type: "malformed", afterTokens: 2 } })).text();
    const pieces = text.split("\n\n").filter((line) => line.startsWith("data: {"));
    const broken = pieces.filter((line) => !isJson(line.slice("data: ".length)));
    expect(broken).toHaveLength(1);
    expect(text.endsWith("[DONE]\n\n")).toBe(true);
    expect(isJson(await (await ask(body, { fault: { type: "malformed", afterTokens: 2 } })).text())).toBe(false);
  });

  test("[DONE], the finish reason and the size of a piece can be wrong", async () => {
    const stream = { ...body, stream: true };
    const undone = await (await ask(stream, { fault: { type: "no-done" } })).text();
    expect([undone.includes('"finish_reason":"stop"'), undone.includes("[DONE]")]).toEqual([true, false]);
    const unfinished = await (await ask(stream, { fault: { type: "no-finish-reason" } })).text();
    expect([unfinished.includes('"finish_reason":"stop"'), unfinished.includes("[DONE]")]).toEqual([false, false]);
    const large = await (await ask(stream, { fault: { type: "oversized", afterTokens: 1, bytes: 1_000_000 } })).text();
    expect(large.length).toBeGreaterThan(1_000_000);
    expect(large.length).toBeLessThan(1_100_000);
    expect((await ask(body, { fault: { type: "context-length" } })).status).toBe(400);
  });

  test("a slow first token comes as late as it was told", async () => {
    const began = performance.now();
    await ask(body, { fault: { type: "slow-first-token", milliseconds: 60 } }).then((answer) => answer.text());
    expect(performance.now() - began).toBeGreaterThanOrEqual(59);
  });

  test("a server flaps, and seeded faults are the same each time", async () => {
    const status = async (): Promise<number> => (await ask(body)).status;
    server.setFault(flapping({ up: 1, down: 2, fault: { type: "status", status: 503 } }));
    expect([await status(), await status(), await status(), await status()]).toEqual([200, 503, 503, 200]);
    const schedule = seededFaults({ seed: 7, share: 0.3, faults: [{ type: "reset" }, { type: "no-done" }] });
    const draw = () => Array.from({ length: 200 }, (_, index) => schedule({ index, id: "", path: "" })?.type);
    expect(draw()).toEqual(draw());
    const share = draw().filter((type) => type !== undefined).length / 200;
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.45);
    expect(new Set(draw())).toEqual(new Set([undefined, "reset", "no-done"]));
  });
});

test("a full queue, a wrong key and unknown models and addresses are refused", async () => {
  await server.close();
  server = await startSimulatorServer({ apiKey: "secret", model: "m", maxWaiting: 0 });
  expect((await ask(body)).status).toBe(401);
  const send = (path: string, value: object): Promise<Response> =>
    fetch(`${server.url}${path}`, {
      method: "POST",
      headers: { authorization: "Bearer secret" },
      body: JSON.stringify(value),
    });
  expect((await send("/v1/chat/completions", body)).status).toBe(404);
  expect((await send("/v1/chat/completions", { ...body, model: "m" })).status).toBe(503);
  expect((await send("/v1/other", body)).status).toBe(404);
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
