import { type AIMessageChunk, HumanMessage, ToolMessage, type UsageMetadata } from "@langchain/core/messages";
import { ChatOpenAI, OpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { beforeAll, describe, expect, test } from "vitest";
import { brokenStreams } from "./support/broken-streams.ts";
import { failure } from "./support/failure.ts";
import { checkPerson, checkWeather, endless, person, weather } from "./support/schemas.ts";
import { failFirst, startFaulty } from "./support/start-faulty.ts";
import { until } from "./support/start-front-door.ts";
import { type Guide, startGuide } from "./support/start-guide.ts";

interface Server {
  readonly baseURL: string;
  readonly apiKey: string;
  readonly model: string;
}

const connect = ({ baseURL, apiKey, model }: Server, more: object = {}): ChatOpenAI =>
  new ChatOpenAI({ model, apiKey, configuration: { baseURL }, temperature: 0, ...more });

const tool = { type: "function" as const, function: weather };

describe("with a real model", () => {
  let guide: Guide;
  let chat: ChatOpenAI;
  beforeAll(async () => {
    guide = await startGuide();
    chat = connect(guide);
    return () => guide[Symbol.asyncDispose]();
  });

  test("a question gets the answer that is known, with usage and a finish reason", async () => {
    const answer = await chat.invoke(guide.known[0].question);
    expect(answer.text).toBe(guide.known[0].answer);
    expect(answer.response_metadata).toMatchObject({ finish_reason: "stop", model_name: guide.model });
    const { input_tokens, output_tokens, total_tokens } = usageOf(answer);
    expect(Math.min(input_tokens, output_tokens)).toBeGreaterThan(0);
    expect(total_tokens).toBe(input_tokens + output_tokens);
  });

  test("a stream has the same text, and the usage, which comes without choices", async () => {
    const whole = await chat.invoke(guide.known[0].question);
    const chunks: AIMessageChunk[] = [];
    for await (const chunk of await chat.stream(guide.known[0].question)) chunks.push(chunk);
    expect(chunks.length).toBeGreaterThan(2);
    const all = chunks.reduce((sum, chunk) => sum.concat(chunk));
    expect(all.text).toBe(guide.known[0].answer);
    expect(all.response_metadata).toMatchObject({ finish_reason: "stop" });
    const { input_tokens, output_tokens, total_tokens } = usageOf(whole);
    expect(all.usage_metadata).toMatchObject({ input_tokens, output_tokens, total_tokens });
    expect(chunks.filter(({ usage_metadata }) => usage_metadata !== undefined)).toHaveLength(1);
  });

  test("questions in a batch are answered each", async () => {
    const answers = await chat.batch(guide.known.map(({ question }) => question));
    expect(answers.map(({ text }) => text)).toEqual(guide.known.map(({ answer }) => answer));
  });

  test("an answer ends at its most tokens, and says so", async () => {
    const answer = await connect(guide, { maxTokens: 3 }).invoke(guide.known[0].question);
    expect(answer.response_metadata).toMatchObject({ finish_reason: "length" });
    expect(usageOf(answer).output_tokens).toBe(3);
  });

  test("logprobs arrive, whole and in a stream", async () => {
    const telling = connect(guide, { logprobs: true, topLogprobs: 2 });
    const { response_metadata } = await telling.invoke(guide.known[0].question);
    expect(tokensOf(response_metadata)).toBe(guide.known[0].answer);
    let streamed: AIMessageChunk | undefined;
    for await (const chunk of await telling.stream(guide.known[0].question)) {
      streamed = streamed === undefined ? chunk : streamed.concat(chunk);
    }
    expect(tokensOf(streamed?.response_metadata ?? {})).toBe(guide.known[0].answer);
  });

  test.each(["jsonSchema", "functionCalling"] as const)("an answer is bound to a schema by %s", async (method) => {
    // The schema of a function stands in the prompt, and the model's context is small.
    const schema = method === "jsonSchema" ? person : weather.parameters;
    const bound = chat.withStructuredOutput<Record<string, unknown>>(schema, { name: "told", method });
    const told = await Promise.all(guide.known.map(({ question }) => bound.invoke(question)));
    expect(told).toHaveLength(guide.known.length);
    told.forEach(method === "jsonSchema" ? checkPerson : checkWeather);
  });

  test.each(["required", weather.name])("a tool that must be called is called, tool_choice %s", async (choice) => {
    const calling = chat.bindTools([tool], { tool_choice: choice });
    const whole = await calling.invoke(guide.known[0].question);
    let streamed: AIMessageChunk | undefined;
    for await (const chunk of await calling.stream(guide.known[0].question)) {
      streamed = streamed === undefined ? chunk : streamed.concat(chunk);
    }
    for (const message of [whole, streamed]) {
      expect(message?.tool_calls).toMatchObject([{ name: weather.name, id: expect.stringMatching(/./) }]);
      expect(message?.invalid_tool_calls).toEqual([]);
      expect(message?.response_metadata).toMatchObject({ finish_reason: "tool_calls" });
      checkWeather(message?.tool_calls?.[0]?.args);
    }
  });

  test("a call that was cut off is an invalid one, or none, and never a wrong one", async () => {
    const cut = connect(guide, { maxTokens: 4 }).bindTools([tool], { tool_choice: "required" });
    const answer = await cut.invoke(guide.known[0].question);
    expect(answer.response_metadata).toMatchObject({ finish_reason: "length" });
    expect(answer.tool_calls).toEqual([]);
  });

  test("a tool's result is taken", async () => {
    const question = new HumanMessage(guide.known[0].question);
    const asked = await chat.bindTools([tool], { tool_choice: "required" }).invoke([question]);
    const result = new ToolMessage({ content: '{"celsius":21}', tool_call_id: asked.tool_calls?.[0]?.id ?? "" });
    const answer = await connect(guide, { maxTokens: 8 }).invoke([question, asked, result]);
    expect(answer.type).toBe("ai");
    expect(usageOf(answer).output_tokens).toBeGreaterThan(0);
  });

  test("a text is continued, whole and in a stream", async () => {
    const { model, apiKey, baseURL } = guide;
    const completing = new OpenAI({ model, apiKey, configuration: { baseURL }, temperature: 0, maxTokens: 12 });
    const prompt = guide.known[0].answer.slice(0, 20);
    const whole = await completing.invoke(prompt);
    expect(whole).not.toBe("");
    const pieces: string[] = [];
    for await (const piece of await completing.stream(prompt)) pieces.push(piece);
    expect(pieces.join("")).toBe(whole);
  });

  test("texts are embedded, one and many", async () => {
    const { model, apiKey, baseURL } = guide;
    const embedding = new OpenAIEmbeddings({ model, apiKey, configuration: { baseURL } });
    const texts = guide.known.map(({ question }) => question);
    const many = await embedding.embedDocuments(texts);
    const one = await embedding.embedQuery(texts[0] ?? "");
    expect(many).toHaveLength(2);
    expect(many[1]).not.toEqual(many[0]);
    expect(one.length).toBe(many[0]?.length);
    for (const [index, number] of one.entries()) expect(many[0]?.[index]).toBeCloseTo(number, 4);
  });

  test("a prompt that is longer than the context is known as such, and not sent again", async () => {
    const before = await guide.count("hxp_gateway_requests_total");
    const error = await failure(chat.invoke("what is it? ".repeat(guide.contextLength)));
    expect(error).toMatchObject({ name: "ContextOverflowError" });
    expect(await guide.count("hxp_gateway_requests_total")).toBe(before + 1);
  });

  test("a stream that is broken off ends the work of the engine", async () => {
    for await (const { text } of await chat.stream(guide.known[0].question, { response_format: endless })) {
      if (text !== "") break;
    }
    await until(async () => expect(await guide.aborted()).toBe(1));
    await guide.idle();
  });
});

describe("errors", () => {
  test("a wrong key is told as such, once", async () => {
    const faulty = await startFaulty();
    const error = await failure(connect({ ...faulty, apiKey: "hxp_nobody" }).invoke("Hi"));
    expect(error).toMatchObject({ status: 401, code: "invalid_api_key", lc_error_code: "MODEL_AUTHENTICATION" });
    expect(error).toMatchObject({ requestID: expect.stringMatching(/./) });
    expect(await faulty.count("hxp_gateway_requests_total")).toBe(1);
  });

  test("a model that is not there is not found, once", async () => {
    const faulty = await startFaulty();
    const error = await failure(connect({ ...faulty, model: "none" }).invoke("Hi"));
    expect(error).toMatchObject({ status: 404, code: "model_not_found", lc_error_code: "MODEL_NOT_FOUND" });
    expect(await faulty.count("hxp_gateway_requests_total")).toBe(1);
  });

  test.each([
    ["a budget that is spent", { budget: { period: "day", tokens: 1 } }, "InsufficientQuotaError"],
    ["a request that is larger than its limit", { tokensPerMinute: 1 }, "RateLimitCapacityError"],
  ] as const)("%s is not sent again", async (_, limits, name) => {
    const faulty = await startFaulty({ limits });
    const error = await failure(connect({ ...faulty, apiKey: faulty.limitedKey }).invoke("Hi"));
    expect(error).toMatchObject({ name, status: 429 });
    expect(await faulty.count("hxp_gateway_limited_total")).toBe(1);
    expect(faulty.simulator.requests).toEqual([]);
  });
});

describe("the client's retries", () => {
  test("end with the answer", async () => {
    const faulty = await startFaulty();
    faulty.simulator.setFault(failFirst(1, { type: "status", status: 503, retryAfterSeconds: 0 }));
    expect((await connect(faulty).invoke("Hi")).text).toMatch(/\w/);
    expect(faulty.statuses()).toEqual([503, 200]);
  });

  test("are bounded, and the last error is told", async () => {
    const faulty = await startFaulty({ fault: { type: "status", status: 500 } });
    const error = await failure(connect(faulty, { maxRetries: 1 }).invoke("Hi"));
    expect(error).toMatchObject({ status: 502, code: "upstream_failed", requestID: faulty.simulator.requests[1]?.id });
    expect(faulty.statuses()).toEqual([500, 500]);
  });
});

describe("a client that leaves", () => {
  test.each([
    ["before an answer", { type: "no-response" }, 0],
    ["while an answer is generated", { type: "stall", afterTokens: 3 }, 3],
  ] as const)("%s ends the work of the engine", async (_, fault, tokens) => {
    const faulty = await startFaulty({ fault });
    const leaving = new AbortController();
    const asked = failure(connect(faulty).invoke("Hi", { signal: leaving.signal }));
    await until(() => expect(faulty.simulator.requests[0]?.completionTokens).toBe(tokens));
    leaving.abort();
    expect(await asked).toMatchObject({ name: "AbortError" });
    expect((await faulty.aborted()).completionTokens).toBe(tokens);
    expect(faulty.simulator.requests).toHaveLength(1);
  });

  test("in the middle of a stream ends the work of the engine", async () => {
    const faulty = await startFaulty({ fault: { type: "stall", afterTokens: 3 } });
    for await (const { text } of await connect(faulty).stream("Hi")) if (text !== "") break;
    expect((await faulty.aborted()).completionTokens).toBe(3);
  });
});

describe("a stream that breaks", () => {
  test.each(brokenStreams)("by $fault.type throws $code, after what has arrived", async ({ fault, code }) => {
    const faulty = await startFaulty({ fault, settings: { timeouts: { idle: "500ms" } } });
    const pieces: string[] = [];
    const read = async (): Promise<void> => {
      for await (const { text } of await connect(faulty).stream("Hi")) pieces.push(text);
    };
    expect(await failure(read())).toMatchObject({ code, error: { retryable: true } });
    expect(pieces.join("")).not.toBe("");
    expect(faulty.simulator.requests).toHaveLength(1);
  });

  test("only by a missing [DONE] is whole", async () => {
    const faulty = await startFaulty({ fault: { type: "no-done" } });
    const pieces: string[] = [];
    for await (const { text } of await connect(faulty).stream("Hi")) pieces.push(text);
    expect(pieces.join("")).toMatch(/\w/);
  });
});

function usageOf({ usage_metadata }: { readonly usage_metadata?: unknown }): UsageMetadata {
  expect(usage_metadata).toBeDefined();
  return usage_metadata as UsageMetadata;
}

/** The text of all tokens; one of them alone may be a part of a character. */
function tokensOf(metadata: Record<string, unknown>): string {
  const { content } = metadata["logprobs"] as { content: readonly { bytes: readonly number[] }[] };
  return Buffer.from(content.flatMap(({ bytes }) => bytes)).toString();
}
