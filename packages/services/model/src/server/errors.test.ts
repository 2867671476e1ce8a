import { type IncomingMessage, request as sendRequest } from "node:http";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { HxpError } from "@hxp/errors";
import { parameters } from "@hxp/model";
import { parseEvents, serveScripted } from "../../test/serve-scripted.ts";

const path = "/v1/chat/completions";
const messages = [{ role: "user", content: "Hi" }];

describe("a value that is wrong is 400 with the parameter's name", () => {
  test.each([
    ["messages", { messages: [] }],
    ["messages", { messages: undefined }],
    ["messages[0].role", { messages: [{ role: "king", content: "x" }] }],
    ["messages[0].content", { messages: [{ role: "user" }] }],
    ["messages[0].tool_call_id", { messages: [{ role: "tool", content: "x" }] }],
    ["messages[0].content[0].type", { messages: [{ role: "user", content: [{ type: "dance" }] }] }],
    ["temperature", { temperature: 3 }],
    ["temperature", { temperature: "hot" }],
    ["top_p", { top_p: -1 }],
    ["n", { n: 0 }],
    ["n", { n: 1.5 }],
    ["n", { n: 1000 }],
    ["max_tokens", { max_tokens: 0 }],
    ["max_tokens", { max_tokens: 5, max_completion_tokens: 6 }],
    ["stop", { stop: ["a", "b", "c", "d", "e"] }],
    ["stop", { stop: [1] }],
    ["seed", { seed: 0.5 }],
    ["logit_bias", { logit_bias: { a: 1 } }],
    ["logit_bias", { logit_bias: { 1: 101 } }],
    ["top_logprobs", { top_logprobs: 2 }],
    ["top_logprobs", { logprobs: true, top_logprobs: 21 }],
    ["stream", { stream: "yes" }],
    ["stream_options", { stream_options: { include_usage: true } }],
    ["stream_options", { stream: true, stream_options: { x: 1 } }],
    ["response_format.type", { response_format: { type: "poem" } }],
    ["response_format.json_schema", { response_format: { type: "json_schema" } }],
    ["response_format.json_schema.name", { response_format: { type: "json_schema", json_schema: {} } }],
    ["tools[0].function", { tools: [{ type: "function" }] }],
    ["tools[0].function.name", { tools: [{ type: "function", function: { name: "a b" } }] }],
    [
      "tools",
      {
        tools: [
          { type: "function", function: { name: "a" } },
          { type: "function", function: { name: "a" } },
        ],
      },
    ],
    ["tool_choice", { tool_choice: "required" }],
    [
      "tool_choice",
      {
        tools: [{ type: "function", function: { name: "a" } }],
        tool_choice: { type: "function", function: { name: "b" } },
      },
    ],
    ["temprature", { temprature: 1 }],
    ["__proto__", JSON.parse('{"__proto__": 1}') as object],
  ])("%s in %j", async (param, change) => {
    const { post, engine } = await serveScripted();
    const before = engine.asked.length;
    const answer = await post(path, {
      messages,
      ...change,
      ...(Object.hasOwn(change, "__proto__") ? { ["__proto__"]: 1 } : {}),
    });
    expect(answer.status).toBe(400);
    expect(answer.headers.get("x-should-retry")).toBe("false");
    expect(await answer.json()).toEqual({
      error: {
        message: expect.stringContaining(param),
        type: "invalid_request_error",
        param,
        code: "invalid_value",
        retryable: false,
      },
    });
    expect(engine.asked).toHaveLength(before);
  });
});

describe("what nothing here can do is 501, and is not asked again", () => {
  test.each([
    ["store", { store: true }],
    ["audio", { audio: { voice: "x" } }],
    ["modalities", { modalities: ["text", "audio"] }],
    ["functions", { functions: [] }],
    ["repetition_penalty", { repetition_penalty: 1.1 }],
    ["guided_json", { guided_json: {} }],
    ["chat_template_kwargs", { chat_template_kwargs: { thinking: true } }],
    ["messages[0].content[0].type", { messages: [{ role: "user", content: [{ type: "input_audio" }] }] }],
    ["tools[0].type", { tools: [{ type: "custom" }] }],
  ])("%s", async (param, change) => {
    const { post } = await serveScripted();
    const answer = await post(path, { messages, ...change });
    expect([answer.status, answer.headers.get("x-should-retry")]).toEqual([501, "false"]);
    expect(await answer.json()).toMatchObject({ error: { param, code: "unsupported" } });
  });

  test.each([
    ["tools", { tools: [{ type: "function", function: { name: "a" } }] }],
    ["response_format", { response_format: { type: "json_object" } }],
    ["logprobs", { logprobs: true }],
  ])("%s, for a model that has not the capability", async (param, change) => {
    const capabilities = {
      chat: true,
      completion: true,
      embeddings: false,
      tools: false,
      grammar: false,
      logprobs: false,
    };
    const { post } = await serveScripted({ info: { capabilities } });
    const answer = await post(path, { messages, ...change });
    expect([answer.status, ((await answer.json()) as { error: { param: string } }).error.param]).toEqual([501, param]);
    expect((await post("/v1/embeddings", { input: "x" })).status).toBe(501);
  });
});

test("each parameter of the table has a reason where it is not taken, and what is harmless is let through", async () => {
  const { post } = await serveScripted();
  for (const [name, handling] of Object.entries(parameters.chat)) {
    if (handling.type === "taken") continue;
    expect(handling.reason, name).toMatch(/\.$/);
    const harmless = handling.type === "refused" ? [null, ...(handling.harmless ?? [])] : ["anything"];
    for (const value of harmless) expect((await post(path, { messages, [name]: value })).status, name).toBe(200);
  }
});

test("an engine's errors before its first event are answered with their status", async () => {
  const errors = {
    ENGINE_CONTEXT_EXCEEDED: [400, "context_length_exceeded"],
    ENGINE_UNSUPPORTED: [501, "unsupported"],
    ENGINE_FAILED: [500, "engine_failed"],
  } as const;
  for (const [code, [status, told]] of Object.entries(errors)) {
    const { post } = await serveScripted({
      script: (request) => {
        if (request.id === "ask") throw new HxpError(code as keyof typeof errors, "No.");
        return answerReady();
      },
    });
    for (const stream of [false, true]) {
      const answer = await post(path, { messages, stream }, { id: "ask" });
      expect([answer.status, await answer.json()]).toMatchObject([status, { error: { message: "No.", code: told } }]);
    }
  }
});

test("a prompt that is too long is told in OpenAI's words, by which clients know it", async () => {
  const { post } = await serveScripted({
    script: (request) => {
      if (request.id !== "ask") return answerReady();
      throw new HxpError("ENGINE_CONTEXT_EXCEEDED", "The prompt has 9 tokens.", { details: { contextLength: 8 } });
    },
  });
  const answer = await post(path, { messages }, { id: "ask" });
  const message = "This model's maximum context length is 8 tokens. The prompt has 9 tokens.";
  expect(await answer.json()).toMatchObject({ error: { message, code: "context_length_exceeded" } });
});

async function* answerReady() {
  const usage = { promptTokens: 1, cachedTokens: 0, completionTokens: 1 };
  yield { type: "text", text: "x", usage } as const;
  yield { type: "end", reason: "stop", usage } as const;
}

test("an engine that fails within a stream is told in the stream, with the usage, and without [DONE]", async () => {
  const { post, log } = await serveScripted({
    script: async function* (request) {
      yield* answerReady();
      if (request.id === "ask") throw new HxpError("ENGINE_FAILED", "It broke.");
    },
  });
  const broken = await post(path, { messages, stream: true }, { id: "ask" });
  const body = await broken.text();
  expect(body).not.toContain("[DONE]");
  expect(parseEvents(body).at(-1)).toMatchObject({
    error: { message: "It broke.", code: "engine_failed", retryable: true },
    usage: { completion_tokens: 1 },
  });
  expect(log.filter(({ event }) => event === "requestFailed")).toEqual([expect.objectContaining({ requestId: "ask" })]);
});

test("what is no error of HXP says nothing of itself", async () => {
  const { post } = await serveScripted({
    script: (request) => {
      if (request.id === "ask") throw new Error("secret path /srv/secret/x");
      return answerReady();
    },
  });
  const answer = await post(path, { messages }, { id: "ask" });
  expect([answer.status, JSON.stringify(await answer.json())]).toEqual([500, expect.not.stringContaining("secret")]);
});

describe("bodies", () => {
  const send = async (address: string, body: string, headers: Record<string, string> = {}) => {
    const sent = sendRequest(`${address}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) =>
      sent.on("response", resolve).on("error", reject),
    );
    sent.end(body);
    const response = await answered;
    return { status: response.statusCode, body: await text(response), connection: response.headers.connection };
  };

  test("that are too large are refused before they are read, and as soon as they are", async () => {
    const { server } = await serveScripted({ config: { body: { maxBytes: 2000 } } });
    const { address } = server.listening;
    expect(await send(address, "", { "content-length": "5000000" })).toMatchObject({
      status: 413,
      connection: "close",
    });
    expect(
      await send(address, `{"model":"tiny","messages":"${"x".repeat(5000)}"}`, { "transfer-encoding": "chunked" }),
    ).toMatchObject({ status: 413 });
  });

  test("that are deep, broken, compressed or no object are refused", async () => {
    const { server } = await serveScripted();
    const { address } = server.listening;
    expect(await send(address, `${'{"a":'.repeat(100)}1${"}".repeat(100)}`)).toMatchObject({ status: 413 });
    expect(await send(address, "[".repeat(100_000))).toMatchObject({ status: 400 });
    expect(await send(address, '{"model":')).toMatchObject({
      status: 400,
      body: expect.stringContaining("could not parse"),
    });
    expect(await send(address, "[]")).toMatchObject({ status: 400 });
    expect(await send(address, "x", { "content-encoding": "gzip" })).toMatchObject({ status: 400 });
  });
});

test("other models, addresses and methods are 404, and an id that could forge a header is not used", async () => {
  const { post, get, server } = await serveScripted();
  const unknown = await post(path, { messages, model: "other" });
  expect([unknown.status, await unknown.json()]).toMatchObject([
    404,
    { error: { code: "model_not_found", param: "model" } },
  ]);
  expect((await get("/v1/other")).status).toBe(404);
  expect((await get(path)).status).toBe(404);
  expect((await get("/v1/models/other")).status).toBe(404);
  const answer = await fetch(`${server.listening.address}/v1/models`, { headers: { "x-request-id": "a b" } });
  expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
});
