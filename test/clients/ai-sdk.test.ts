import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  APICallError,
  embed,
  embedMany,
  generateText,
  jsonSchema,
  Output,
  RetryError,
  stepCountIs,
  streamText,
  tool,
} from "ai";
import { beforeAll, describe, expect, test } from "vitest";
import { brokenStreams } from "./support/broken-streams.ts";
import { failure } from "./support/failure.ts";
import { checkPerson, checkWeather, endless, person, weather } from "./support/schemas.ts";
import { failFirst, startFaulty } from "./support/start-faulty.ts";
import { until } from "./support/start-front-door.ts";
import { type Guide, startGuide } from "./support/start-guide.ts";

// It would tell on standard error that completions know no tools.
Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });

const connect = ({ baseURL, apiKey }: { baseURL: string; apiKey: string }) =>
  createOpenAICompatible({ name: "hxp", baseURL, apiKey, includeUsage: true, supportsStructuredOutputs: true });

const toolset = (execute: (given: unknown) => string) => ({
  [weather.name]: tool({
    inputSchema: jsonSchema(weather.parameters),
    execute: async (given) => execute(given),
  }),
});
const personOutput = Output.object({ name: "person", schema: jsonSchema(person) });

describe("with a real model", () => {
  let guide: Guide;
  beforeAll(async () => {
    guide = await startGuide();
    return () => guide[Symbol.asyncDispose]();
  });
  const ask = () => ({ model: connect(guide)(guide.model), prompt: guide.known[0].question, temperature: 0 });

  test("a question gets the answer that is known, with usage and a finish reason", async () => {
    const { text, finishReason, usage, response, warnings } = await generateText(ask());
    expect(text).toBe(guide.known[0].answer);
    expect([finishReason, warnings ?? []]).toEqual(["stop", []]);
    expect(usage.inputTokens).toBeGreaterThan(0);
    expect(usage.totalTokens).toBe((usage.inputTokens ?? 0) + (usage.outputTokens ?? 0));
    expect(response.id).toBe(`chatcmpl-${response.headers?.["x-request-id"]}`);
    expect(response.modelId).toBe(guide.model);
  });

  test("a stream has the same text, and the usage, which comes without choices", async () => {
    const whole = await generateText(ask());
    const result = streamText(ask());
    const pieces: string[] = [];
    for await (const piece of result.textStream) pieces.push(piece);
    expect(pieces.join("")).toBe(guide.known[0].answer);
    expect(pieces.length).toBeGreaterThan(1);
    expect(await result.finishReason).toBe("stop");
    expect(await result.usage).toMatchObject({
      inputTokens: whole.usage.inputTokens,
      outputTokens: whole.usage.outputTokens,
    });
  });

  test("an answer that is too long is told so by its finish reason, whole and in a stream", async () => {
    expect((await generateText({ ...ask(), maxOutputTokens: 3 })).finishReason).toBe("length");
    const result = streamText({ ...ask(), maxOutputTokens: 3 });
    expect(guide.known[0].answer.startsWith(await result.text)).toBe(true);
    expect(await result.finishReason).toBe("length");
  });

  test("an answer that is bound to a schema parses and fits it, whole and in a stream", async () => {
    for (const { question } of guide.known) {
      const { output } = await generateText({ ...ask(), prompt: question, output: personOutput });
      checkPerson(output);
    }
    const streamed = streamText({ ...ask(), output: personOutput });
    checkPerson(await streamed.output);
    expect(await streamed.finishReason).toBe("stop");
  });

  test.each(["required", "named"])("a tool that must be called is called, toolChoice %s", async (kind) => {
    const toolChoice = kind === "required" ? ("required" as const) : { type: "tool" as const, toolName: weather.name };
    const tools = toolset(() => "sunny");
    const whole = await generateText({ ...ask(), tools, toolChoice });
    const streamed = streamText({ ...ask(), tools, toolChoice });
    for (const calls of [whole.toolCalls, await streamed.toolCalls]) {
      expect(calls).toMatchObject([{ toolName: weather.name, toolCallId: expect.stringMatching(/./) }]);
      expect(calls[0]?.invalid).not.toBe(true);
      checkWeather(calls[0]?.input);
    }
    expect([whole.finishReason, await streamed.finishReason]).toEqual(["tool-calls", "tool-calls"]);
  });

  test("a text is continued by the completions model, whole and in a stream", async () => {
    const model = connect(guide).completionModel(guide.model);
    const body = { model, prompt: guide.known[0].answer.slice(0, 20), temperature: 0, maxOutputTokens: 12 };
    const whole = await generateText(body);
    expect(whole.text).not.toBe("");
    const streamed = streamText(body);
    expect(await streamed.text).toBe(whole.text);
    expect(await streamed.finishReason).toBe(whole.finishReason);
  });

  test("texts are embedded, one and many", async () => {
    const model = connect(guide).embeddingModel(guide.model);
    const values = guide.known.map(({ question }) => question);
    const { embeddings, usage } = await embedMany({ model, values });
    const { embedding } = await embed({ model, value: values[0] ?? "" });
    expect(embeddings).toHaveLength(2);
    expect(embeddings[1]).not.toEqual(embeddings[0]);
    expect(embedding.length).toBe(embeddings[0]?.length);
    for (const [index, number] of embedding.entries()) expect(embeddings[0]?.[index]).toBeCloseTo(number, 4);
    expect(usage.tokens).toBeGreaterThan(0);
  });

  test("a prompt that is longer than the context is refused, and not tried again", async () => {
    const before = await guide.count("hxp_gateway_requests_total");
    const error = await failure(generateText({ ...ask(), prompt: "what is it? ".repeat(guide.contextLength) }));
    expect(error).toBeInstanceOf(APICallError);
    expect(error).toMatchObject({
      statusCode: 400,
      isRetryable: false,
      data: { error: { code: "context_length_exceeded", type: "invalid_request_error" } },
    });
    expect(await guide.count("hxp_gateway_requests_total")).toBe(before + 1);
  });

  test("a stream that is aborted ends the work of the engine", async () => {
    const leaving = new AbortController();
    const options = { hxp: { response_format: endless } };
    const { fullStream } = streamText({ ...ask(), providerOptions: options, abortSignal: leaving.signal });
    const types: string[] = [];
    for await (const { type } of fullStream) {
      types.push(type);
      if (type === "text-delta") leaving.abort();
    }
    expect(types.at(-1)).toBe("abort");
    await until(async () => expect(await guide.aborted()).toBe(1));
    await guide.idle();
  });
});

describe("errors", () => {
  test("a wrong key is told as such, once", async () => {
    const faulty = await startFaulty();
    const stranger = connect({ ...faulty, apiKey: "hxp_nobody" })(faulty.model);
    const error = await failure(generateText({ model: stranger, prompt: "Hi" }));
    expect(error).toMatchObject({
      statusCode: 401,
      isRetryable: false,
      data: { error: { code: "invalid_api_key" } },
      responseHeaders: { "x-request-id": expect.stringMatching(/./) },
    });
    expect(await faulty.count("hxp_gateway_requests_total")).toBe(1);
  });

  test("a model that is not there is not found, once", async () => {
    const faulty = await startFaulty();
    const error = await failure(generateText({ model: connect(faulty)("none"), prompt: "Hi" }));
    expect(error).toMatchObject({ statusCode: 404, isRetryable: false, data: { error: { code: "model_not_found" } } });
    expect(await faulty.count("hxp_gateway_requests_total")).toBe(1);
  });

  test("a budget that is spent is a 429 whose message says so", async () => {
    const faulty = await startFaulty({ limits: { budget: { period: "day", tokens: 1 } } });
    const model = connect({ ...faulty, apiKey: faulty.limitedKey })(faulty.model);
    const error = await failure(generateText({ model, prompt: "Hi", maxRetries: 0 }));
    expect(error).toMatchObject({
      statusCode: 429,
      message: expect.stringContaining("budget"),
      data: { error: { code: "insufficient_quota", type: "insufficient_quota" } },
    });
    expect(faulty.simulator.requests).toEqual([]);
  });
});

describe("the client's retries", () => {
  test("wait as long as the answer says, and end with the answer", async () => {
    const faulty = await startFaulty();
    faulty.simulator.setFault(failFirst(2, { type: "status", status: 503, retryAfterSeconds: 0 }));
    const { text } = await generateText({ model: connect(faulty)(faulty.model), prompt: "Hi" });
    expect(text).toMatch(/\w/);
    expect(faulty.statuses()).toEqual([503, 503, 200]);
  });

  test("are bounded, and the last error is told", async () => {
    const faulty = await startFaulty({ fault: { type: "status", status: 503, retryAfterSeconds: 0 } });
    const error = await failure(generateText({ model: connect(faulty)(faulty.model), prompt: "Hi" }));
    expect(error).toBeInstanceOf(RetryError);
    expect(error).toMatchObject({ lastError: { statusCode: 503, data: { error: { code: "upstream_busy" } } } });
    expect(faulty.statuses()).toEqual([503, 503, 503]);
  });
});

describe("a client that leaves", () => {
  test.each([
    ["before an answer", { type: "no-response" }, 0],
    ["while an answer is generated", { type: "stall", afterTokens: 3 }, 3],
  ] as const)("%s ends the work of the engine", async (_, fault, tokens) => {
    const faulty = await startFaulty({ fault });
    const leaving = new AbortController();
    const model = connect(faulty)(faulty.model);
    const asked = failure(generateText({ model, prompt: "Hi", abortSignal: leaving.signal }));
    await until(() => expect(faulty.simulator.requests[0]?.completionTokens).toBe(tokens));
    leaving.abort();
    expect(await asked).toMatchObject({ name: "AbortError" });
    expect((await faulty.aborted()).completionTokens).toBe(tokens);
    expect(faulty.simulator.requests).toHaveLength(1);
  });

  test("in the middle of a stream ends the work of the engine", async () => {
    const faulty = await startFaulty({ fault: { type: "stall", afterTokens: 3 } });
    const leaving = new AbortController();
    const { fullStream } = streamText({
      model: connect(faulty)(faulty.model),
      prompt: "Hi",
      abortSignal: leaving.signal,
    });
    for await (const { type } of fullStream) if (type === "text-delta") leaving.abort();
    expect((await faulty.aborted()).completionTokens).toBe(3);
  });
});

describe("a stream that breaks", () => {
  test.each(brokenStreams)("by $fault.type has an error, and no good end", async ({ fault, code }) => {
    const faulty = await startFaulty({ fault, settings: { timeouts: { idle: "500ms" } } });
    const told: unknown[] = [];
    const result = streamText({
      model: connect(faulty)(faulty.model),
      prompt: "Hi",
      onError: ({ error }) => void told.push(error),
    });
    const parts: { type: string }[] = [];
    for await (const part of result.fullStream) parts.push(part);
    expect(parts.some(({ type }) => type === "text-delta")).toBe(true);
    expect(JSON.stringify(parts.filter(({ type }) => type === "error"))).toContain(code);
    expect(told).toHaveLength(1);
    expect(await result.finishReason).toBe("error");
    expect(faulty.simulator.requests).toHaveLength(1);
  });

  test("only by a missing [DONE] is whole", async () => {
    const faulty = await startFaulty({ fault: { type: "no-done" } });
    const result = streamText({ model: connect(faulty)(faulty.model), prompt: "Hi" });
    expect(await result.text).toMatch(/\w/);
    expect(await result.finishReason).toBe("stop");
  });
});

test("tools are run by the client, and their results are answered, whole and in a stream", async () => {
  const faulty = await startFaulty();
  const asked: unknown[] = [];
  const tools = toolset((given) => {
    asked.push(given);
    return "sunny";
  });
  const body = {
    model: connect(faulty)(faulty.model),
    prompt: "Hi",
    tools,
    stopWhen: stepCountIs(3),
  };
  const whole = await generateText(body);
  expect(whole.text).toMatch(/\w/);
  expect(whole.steps.map(({ finishReason }) => finishReason)).toEqual(["tool-calls", "stop"]);
  const streamed = streamText(body);
  expect(await streamed.text).toMatch(/\w/);
  expect(asked).toHaveLength(2);
  asked.forEach(checkWeather);
  expect(faulty.statuses()).toEqual([200, 200, 200, 200]);
});
