import OpenAI, {
  APIConnectionTimeoutError,
  APIError,
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from "openai";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { brokenStreams } from "./support/broken-streams.ts";
import { failure } from "./support/failure.ts";
import { checkPerson, checkWeather, endless, person, weather } from "./support/schemas.ts";
import { failFirst, type Faulty, startFaulty } from "./support/start-faulty.ts";
import { until } from "./support/start-front-door.ts";
import { type Guide, startGuide } from "./support/start-guide.ts";

const connect = ({ baseURL, apiKey }: { baseURL: string; apiKey: string }, more: object = {}): OpenAI =>
  new OpenAI({ baseURL, apiKey, ...more });

const user = (content: string) => [{ role: "user" as const, content }];
const tool = { type: "function" as const, function: weather };

describe("with a real model", () => {
  let guide: Guide;
  let client: OpenAI;
  beforeAll(async () => {
    guide = await startGuide();
    client = connect(guide);
    return () => guide[Symbol.asyncDispose]();
  });
  const ask = () => ({ model: guide.model, messages: user(guide.known[0].question), temperature: 0 });

  test("a question gets the answer that is known, with usage and the request's id", async () => {
    const answer = await client.chat.completions.create(ask());
    expect(answer.choices).toMatchObject([
      {
        index: 0,
        finish_reason: "stop",
        message: { role: "assistant", content: guide.known[0].answer, refusal: null },
      },
    ]);
    const { prompt_tokens = 0, completion_tokens = 0, total_tokens } = answer.usage ?? {};
    expect(Math.min(prompt_tokens, completion_tokens)).toBeGreaterThan(0);
    expect(total_tokens).toBe(prompt_tokens + completion_tokens);
    expect(answer._request_id).toBeTypeOf("string");
    expect(answer.id).toBe(`chatcmpl-${answer._request_id}`);
  });

  test("a stream has the same text, one finish reason, and no usage that was not asked for", async () => {
    const chunks = await collect(await client.chat.completions.create({ ...ask(), stream: true }));
    expect(textOf(chunks)).toBe(guide.known[0].answer);
    expect(chunks.flatMap(({ choices }) => choices.map((choice) => choice.finish_reason ?? []).flat())).toEqual([
      "stop",
    ]);
    expect(chunks.every((chunk) => chunk.choices.length === 1 && !("usage" in chunk))).toBe(true);
    expect(chunks[0]?.choices[0]?.delta).toMatchObject({ role: "assistant", content: "" });
  });

  test("a stream ends with the usage, without choices, where it is asked for", async () => {
    const whole = await client.chat.completions.create(ask());
    const chunks = await collect(
      await client.chat.completions.create({ ...ask(), stream: true, stream_options: { include_usage: true } }),
    );
    const { prompt_tokens, completion_tokens, total_tokens } = whole.usage ?? {};
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens, completion_tokens, total_tokens } });
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
  });

  test("the helper for streams finds nothing missing", async () => {
    const stream = client.chat.completions.stream({ ...ask(), stream_options: { include_usage: true } });
    const pieces: string[] = [];
    stream.on("content", (piece) => pieces.push(piece));
    expect(await stream.finalContent()).toBe(guide.known[0].answer);
    expect(pieces.join("")).toBe(guide.known[0].answer);
    expect((await stream.finalChatCompletion()).choices[0]?.finish_reason).toBe("stop");
    expect((await stream.totalUsage()).completion_tokens).toBeGreaterThan(0);
  });

  test("several answers come with their indexes, whole and in a stream", async () => {
    const { choices } = await client.chat.completions.create({ ...ask(), n: 2 });
    expect(choices.map(({ index, message }) => [index, message.content])).toEqual(
      [0, 1].map((index) => [index, guide.known[0].answer]),
    );
    const chunks = await collect(await client.chat.completions.create({ ...ask(), n: 2, stream: true }));
    expect([0, 1].map((index) => textOf(chunks, index))).toEqual([guide.known[0].answer, guide.known[0].answer]);
  });

  test("a conversation goes on: earlier turns are read", async () => {
    const [first, second] = guide.known;
    const messages = [
      ...user(first.question),
      { role: "assistant" as const, content: first.answer },
      ...user(second.question),
    ];
    const answer = await client.chat.completions.create({ ...ask(), messages });
    const alone = await client.chat.completions.create({ ...ask(), messages: user(second.question) });
    expect(answer.usage?.prompt_tokens).toBeGreaterThan(alone.usage?.prompt_tokens ?? Number.POSITIVE_INFINITY);
    expect(alone.choices[0]?.message.content).toBe(second.answer);
  });

  test("logprobs tell of each token, and the likeliest is the one that was chosen", async () => {
    const { choices, usage } = await client.chat.completions.create({ ...ask(), logprobs: true, top_logprobs: 3 });
    const content = choices[0]?.logprobs?.content ?? [];
    expect(Buffer.from(content.flatMap(({ bytes }) => bytes ?? [])).toString()).toBe(guide.known[0].answer);
    // The token that ends the answer has no text.
    expect([content.length, content.length + 1]).toContain(usage?.completion_tokens);
    for (const { token, logprob, top_logprobs } of content) {
      expect(top_logprobs).toHaveLength(3);
      expect(top_logprobs[0]).toMatchObject({ token, logprob });
      expect(logprob).toBeLessThanOrEqual(0);
    }
  });

  test("an answer ends before a stop text, and at its most tokens", async () => {
    const [, word = ""] = guide.known[0].answer.split(" ");
    const stopped = await client.chat.completions.create({ ...ask(), stop: ` ${word}` });
    expect(stopped.choices[0]?.finish_reason).toBe("stop");
    expect(stopped.choices[0]?.message.content).toBe(guide.known[0].answer.split(` ${word}`)[0]);
    for (const most of [{ max_tokens: 3 }, { max_completion_tokens: 3 }]) {
      const cut = await client.chat.completions.create({ ...ask(), ...most });
      expect(cut.choices[0]?.finish_reason).toBe("length");
      expect(cut.usage?.completion_tokens).toBe(3);
      expect(guide.known[0].answer.startsWith(cut.choices[0]?.message.content ?? "missing")).toBe(true);
    }
  });

  test("a text is continued, whole and in a stream", async () => {
    const body = { model: guide.model, prompt: guide.known[0].answer.slice(0, 20), temperature: 0, max_tokens: 12 };
    const whole = await client.completions.create(body);
    expect(whole).toMatchObject({ object: "text_completion", choices: [{ index: 0 }] });
    const text = whole.choices[0]?.text ?? "";
    expect(text).not.toBe("");
    const chunks = await collect(await client.completions.create({ ...body, stream: true }));
    expect(chunks.map(({ choices }) => choices[0]?.text ?? "").join("")).toBe(text);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe(whole.choices[0]?.finish_reason);
    const echoed = await client.completions.create({ ...body, echo: true });
    expect(echoed.choices[0]?.text).toBe(`${body.prompt}${text}`);
  });

  test.each([0, 1])("an answer that is bound to a schema parses and fits it, temperature %d", async (temperature) => {
    const format = { type: "json_schema" as const, json_schema: { name: "person", strict: true, schema: person } };
    for (const { question } of guide.known) {
      const body = { ...ask(), messages: user(question), temperature, seed: 7, response_format: format };
      const whole = await client.chat.completions.parse(body);
      checkPerson(JSON.parse(whole.choices[0]?.message.content ?? ""));
      expect(whole.choices[0]?.finish_reason).toBe("stop");
      checkPerson(JSON.parse((await client.chat.completions.stream(body).finalContent()) ?? ""));
    }
  });

  test.each(["required", "named"])("a tool that must be called is called, tool_choice %s", async (kind) => {
    const tool_choice =
      kind === "required" ? ("required" as const) : { type: "function" as const, function: { name: weather.name } };
    const body = { ...ask(), tools: [tool], tool_choice };
    const whole = await client.chat.completions.create(body);
    expect(whole.choices[0]).toMatchObject({ finish_reason: "tool_calls", message: { content: null } });
    const streamed = await client.chat.completions.stream(body).finalMessage();
    for (const calls of [whole.choices[0]?.message.tool_calls, streamed.tool_calls]) expectWeatherCall(calls);
  });

  test("a tool's result is taken", async () => {
    const body = { ...ask(), tools: [tool], tool_choice: "required" as const };
    const { choices } = await client.chat.completions.create(body);
    const message = choices[0]?.message;
    const [call] = message?.tool_calls ?? [];
    if (message === undefined || call === undefined) throw new Error("No tool was called");
    const result = { role: "tool" as const, tool_call_id: call.id, content: '{"celsius":21}' };
    const next = await client.chat.completions.create({
      ...body,
      tool_choice: "none",
      max_tokens: 8,
      messages: [...ask().messages, message, result],
    });
    expect(next.choices[0]?.message).toMatchObject({ role: "assistant", content: expect.any(String) });
    expect(next.choices[0]?.message.tool_calls ?? []).toEqual([]);
  });

  test("embeddings are the same, in the client's own encoding and as numbers", async () => {
    const input = guide.known.map(({ question }) => question);
    const packed = await client.embeddings.create({ model: guide.model, input });
    const plain = await client.embeddings.create({ model: guide.model, input, encoding_format: "float" });
    expect(packed.data.map(({ index, object }) => [index, object])).toEqual([
      [0, "embedding"],
      [1, "embedding"],
    ]);
    const [first = [], second = []] = packed.data.map(({ embedding }) => embedding);
    expect(first.length).toBeGreaterThan(1);
    expect(second).not.toEqual(first);
    expect(Math.hypot(...first)).toBeCloseTo(1, 3);
    for (const [index, { embedding }] of plain.data.entries()) {
      expect(embedding.map(Math.fround)).toEqual(packed.data[index]?.embedding);
    }
    expect(packed.usage.prompt_tokens).toBeGreaterThan(0);
  });

  test("a prompt that is longer than the context is refused by OpenAI's code", async () => {
    const messages = user("what is it? ".repeat(guide.contextLength));
    for (const stream of [false, true]) {
      const error = await failure(client.chat.completions.create({ ...ask(), messages, stream }));
      expect(error).toBeInstanceOf(BadRequestError);
      expect(error).toMatchObject({ status: 400, code: "context_length_exceeded", type: "invalid_request_error" });
    }
  });

  test("what is not there is 501 at once, and what is wrong names the parameter", async () => {
    const before = await guide.count("hxp_gateway_requests_total");
    const missing = await Promise.all([
      failure(client.responses.create({ model: guide.model, input: "Hi" })),
      failure(client.moderations.create({ input: "Hi" })),
      failure(client.chat.completions.create({ ...ask(), store: true })),
      failure(client.embeddings.create({ model: guide.model, input: "Hi", dimensions: 3 })),
    ]);
    for (const error of missing) expect(error).toBeInstanceOf(InternalServerError);
    expect(missing).toMatchObject([
      { status: 501, code: "unsupported_endpoint", param: null },
      { status: 501, code: "unsupported_endpoint", param: null },
      { status: 501, code: "unsupported", param: "store" },
      { status: 501, code: "unsupported", param: "dimensions" },
    ]);
    const wrong = await failure(client.chat.completions.create({ ...ask(), top_logprobs: 3 }));
    expect(wrong).toMatchObject({ status: 400, param: "top_logprobs" });
    expect(await guide.count("hxp_gateway_requests_total")).toBe(before + missing.length + 1);
  });

  test("models are listed and found by name", async () => {
    const listed = await collect(client.models.list());
    expect(listed).toEqual([{ id: guide.model, object: "model", created: expect.any(Number), owned_by: "hxp" }]);
    expect(await client.models.retrieve(guide.model)).toMatchObject({ id: guide.model });
    expect(await failure(client.models.retrieve("org/none"))).toMatchObject({ status: 404, code: "model_not_found" });
  });

  test("a stream that is broken off ends the work of the engine", async () => {
    const stream = await client.chat.completions.create({ ...ask(), response_format: endless, stream: true });
    for await (const { choices } of stream) if (choices[0]?.delta.content !== "") break;
    await until(async () => expect(await guide.aborted()).toBe(1));
    await guide.idle();
    expect((await client.chat.completions.create(ask())).choices[0]?.message.content).toBe(guide.known[0].answer);
  });
});

describe("errors", () => {
  test("a wrong key is told as such, once, with the request's id", async () => {
    const faulty = await startFaulty();
    const stranger = connect({ ...faulty, apiKey: `${faulty.apiKey.slice(0, -2)}xx` });
    const error = await failure(stranger.chat.completions.create(hi(faulty)));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({
      code: "invalid_api_key",
      type: "invalid_request_error",
      requestID: expect.any(String),
    });
    expect(await faulty.count("hxp_gateway_requests_total")).toBe(1);
    expect(faulty.simulator.requests).toEqual([]);
  });

  test("a model that is not there is not found, once", async () => {
    const faulty = await startFaulty();
    const error = await failure(connect(faulty).chat.completions.create({ ...hi(faulty), model: "none" }));
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toMatchObject({ code: "model_not_found", param: "model" });
    expect(await faulty.count("hxp_gateway_requests_total")).toBe(1);
  });

  test.each([
    [500, 502, "upstream_failed"],
    [503, 503, "upstream_busy"],
    [429, 503, "upstream_busy"],
  ])("an engine's status %d is told as %d, with the id that the engine saw", async (status, told, code) => {
    const faulty = await startFaulty({ fault: { type: "status", status, retryAfterSeconds: 7 } });
    const error = await failure(connect(faulty, { maxRetries: 0 }).chat.completions.create(hi(faulty)));
    expect(error).toBeInstanceOf(InternalServerError);
    expect(error).toMatchObject({
      status: told,
      code,
      type: "server_error",
      requestID: faulty.simulator.requests[0]?.id,
    });
    if (code === "upstream_busy") expect(headerOf(error, "retry-after")).toBe("7");
  });

  test("an engine's own words for a prompt that is too long become OpenAI's code", async () => {
    const faulty = await startFaulty({ fault: { type: "context-length" } });
    const error = await failure(connect(faulty).chat.completions.create(hi(faulty)));
    expect(error).toMatchObject({ status: 400, code: "context_length_exceeded" });
    expect(faulty.statuses()).toEqual([400]);
  });
});

describe("the client's retries", () => {
  test.each([500, 503])("after status %d it tries again until it is answered", async (status) => {
    const faulty = await startFaulty();
    faulty.simulator.setFault(failFirst(2, { type: "status", status, retryAfterSeconds: 0 }));
    const answer = await connect(faulty).chat.completions.create(hi(faulty));
    expect(answer.choices[0]?.finish_reason).toBe("stop");
    expect(faulty.statuses()).toEqual([status, status, 200]);
    expect(answer._request_id).toBe(faulty.simulator.requests[2]?.id);
  });

  test("a limit is waited out for as long as retry-after-ms says, and one more try is enough", async () => {
    // Time passes for the limits only by what a refusal asks to wait.
    let now = Date.now();
    const limits = { tokensPerMinute: 60_000 };
    const faulty = await startFaulty({ limits, contextLength: 100_000, clock: () => now });
    const seen: Response[] = [];
    const waits: number[] = [];
    const passTime: typeof fetch = async (...request) => {
      const response = await fetch(...request);
      seen.push(response);
      if (response.status !== 429) return response;
      waits.push(Number(response.headers.get("retry-after-ms")));
      now += waits.at(-1) ?? 0;
      return response;
    };
    const client = connect({ ...faulty, apiKey: faulty.limitedKey }, { fetch: passTime });
    faulty.simulator.setFault(failFirst(1, { type: "stall", afterTokens: 1 }));
    const holder = await client.chat.completions.create({ ...hi(faulty), max_tokens: 59_900, stream: true });
    const timers = vi.spyOn(globalThis, "setTimeout");
    await client.chat.completions.create({ ...hi(faulty), max_tokens: 300 });
    holder.controller.abort();
    await faulty.idle();
    expect(seen.map(({ status }) => status)).toEqual([200, 429, 200]);
    const [wait = 0] = waits;
    expect(wait).toBeGreaterThan(0);
    expect(timers.mock.calls.map(([, delay]) => delay)).toContain(wait);
    expect(Object.fromEntries(seen[1]?.headers ?? [])).toMatchObject({
      "retry-after": String(Math.ceil(wait / 1000)),
      "x-should-retry": "true",
      "x-ratelimit-limit-tokens": "60000",
    });
    expect(faulty.simulator.requests).toHaveLength(2);
  });

  test("limits are told with every answer", async () => {
    const faulty = await startFaulty({ limits: { requestsPerMinute: 60, tokensPerMinute: 6000 }, clock: () => 0 });
    const client = connect({ ...faulty, apiKey: faulty.limitedKey });
    for (const left of ["59", "58"]) {
      const { response } = await client.chat.completions.create(hi(faulty)).withResponse();
      expect(Object.fromEntries(response.headers)).toMatchObject({
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": left,
        "x-ratelimit-limit-tokens": "6000",
        "x-hxp-route": expect.stringMatching(/^simulator\/0/),
      });
    }
  });

  test.each([
    ["a budget that is spent", { budget: { period: "day", tokens: 1 } }, "insufficient_quota"],
    ["a request that is larger than its limit", { tokensPerMinute: 1 }, "rate_limit_exceeded"],
  ] as const)("%s is not tried again", async (_, limits, code) => {
    const faulty = await startFaulty({ limits });
    const client = connect({ ...faulty, apiKey: faulty.limitedKey });
    const error = await failure(client.chat.completions.create(hi(faulty)));
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ code });
    expect(headerOf(error, "x-should-retry")).toBe("false");
    expect(await faulty.count("hxp_gateway_limited_total")).toBe(1);
    expect(faulty.simulator.requests).toEqual([]);
  });
});

describe("a client that leaves", () => {
  const stall = { type: "stall", afterTokens: 3 } as const;

  test("breaks off a stream, and the engine stops", async () => {
    const faulty = await startFaulty({ fault: stall });
    const stream = await connect(faulty).chat.completions.create({ ...hi(faulty), stream: true });
    for await (const { choices } of stream) if (choices[0]?.delta.content !== "") break;
    expect((await faulty.aborted()).completionTokens).toBe(3);
  });

  test("aborts the helper for streams, and the engine stops", async () => {
    const faulty = await startFaulty({ fault: stall });
    const stream = connect(faulty).chat.completions.stream(hi(faulty));
    stream.once("content", () => stream.abort());
    expect(await failure(stream.done())).toBeInstanceOf(APIUserAbortError);
    expect((await faulty.aborted()).completionTokens).toBe(3);
  });

  test.each([
    ["before the first token of a stream", { type: "no-response" }, true, 0],
    ["before an answer", { type: "no-response" }, false, 0],
    ["while an answer is generated", stall, false, 3],
  ] as const)("aborts by a signal %s, and the engine stops", async (_, fault, stream, tokens) => {
    const faulty = await startFaulty({ fault });
    const leaving = new AbortController();
    const asked = failure(
      connect(faulty).chat.completions.create({ ...hi(faulty), stream }, { signal: leaving.signal }),
    );
    await until(() => expect(faulty.simulator.requests[0]?.completionTokens).toBe(tokens));
    leaving.abort();
    expect(await asked).toBeInstanceOf(APIUserAbortError);
    expect((await faulty.aborted()).completionTokens).toBe(tokens);
    expect(faulty.simulator.requests).toHaveLength(1);
  });

  test("has a timeout of its own, and the engine stops", async () => {
    const faulty = await startFaulty({ fault: { type: "no-response" } });
    const client = connect(faulty, { timeout: 2000, maxRetries: 0 });
    expect(await failure(client.chat.completions.create(hi(faulty)))).toBeInstanceOf(APIConnectionTimeoutError);
    expect((await faulty.aborted()).completionTokens).toBe(0);
  });
});

describe("a stream that breaks", () => {
  test.each(brokenStreams)("by $fault.type throws $code, in the stream and in its helper", async ({ fault, code }) => {
    const faulty = await startFaulty({ fault, settings: { timeouts: { idle: "500ms" } } });
    const client = connect(faulty);
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    const stream = await client.chat.completions.create({ ...hi(faulty), stream: true });
    const raw = await failure(collect(stream, chunks));
    const helped = await failure(client.chat.completions.stream(hi(faulty)).finalChatCompletion());
    const usage = { prompt_tokens: expect.any(Number), completion_tokens: expect.toSatisfy((count) => count > 0) };
    for (const error of [raw, helped]) {
      expect(error).toBeInstanceOf(APIError);
      expect(error).toMatchObject({ code, type: "server_error", error: { retryable: true, usage } });
    }
    expect(textOf(chunks)).not.toBe("");
    expect(faulty.simulator.requests).toHaveLength(2);
    await faulty.idle();
  });

  test("only by a missing [DONE] is whole", async () => {
    const faulty = await startFaulty({ fault: { type: "no-done" } });
    const answer = await connect(faulty).chat.completions.stream(hi(faulty)).finalChatCompletion();
    expect(answer.choices[0]?.finish_reason).toBe("stop");
  });
});

test("functions are run by the client, and their results are answered", async () => {
  const faulty = await startFaulty();
  const asked: unknown[] = [];
  const run = {
    ...weather,
    description: "Tells the weather.",
    parse: JSON.parse,
    function: (given: unknown) => {
      asked.push(given);
      return "sunny";
    },
  };
  const runner = connect(faulty).chat.completions.runTools({
    ...hi(faulty),
    stream: true,
    tools: [{ type: "function", function: run }],
  });
  expect(await runner.finalContent()).toMatch(/\w/);
  expect(asked).toHaveLength(1);
  asked.forEach(checkWeather);
  expect(faulty.statuses()).toEqual([200, 200]);
});

function hi({ model }: Pick<Faulty, "model">) {
  return { model, messages: user("Hi"), temperature: 0 };
}

function expectWeatherCall(calls: OpenAI.ChatCompletionMessageToolCall[] | undefined): void {
  expect(calls).toMatchObject([{ id: expect.stringMatching(/./), type: "function", function: { name: weather.name } }]);
  const [call] = calls ?? [];
  if (call?.type !== "function") throw new Error("No function was called");
  checkWeather(JSON.parse(call.function.arguments));
}

function headerOf(error: unknown, name: string): string | null | undefined {
  return error instanceof APIError ? (error.headers as Headers | undefined)?.get(name) : undefined;
}

function textOf(chunks: readonly OpenAI.ChatCompletionChunk[], index = 0): string {
  const choices = chunks.flatMap((chunk) => chunk.choices.filter((choice) => choice.index === index));
  return choices.map(({ delta }) => delta.content ?? "").join("");
}

async function collect<Item>(items: AsyncIterable<Item>, into: Item[] = []): Promise<Item[]> {
  for await (const item of items) into.push(item);
  return into;
}
