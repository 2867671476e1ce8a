import { describe, expect, test } from "vitest";
import { call, say } from "../../test/scripted-engine.ts";
import { parseEvents, serveScripted } from "../../test/serve-scripted.ts";

const path = "/v1/chat/completions";
const messages = [{ role: "user", content: "Hi" }];
const usage = (completion: number, prompt = 5) => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
  prompt_tokens_details: { cached_tokens: 2 },
});

test("a whole answer has OpenAI's shape", async () => {
  const { post } = await serveScripted();
  const answer = await post(path, { messages }, { id: "r-1" });
  expect(answer.headers.get("x-request-id")).toBe("r-1");
  expect(await answer.json()).toEqual({
    id: "chatcmpl-r-1",
    object: "chat.completion",
    created: expect.any(Number),
    model: "tiny",
    system_fingerprint: expect.stringMatching(/^fp_[0-9a-f]{10}$/),
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: "Hello there.", refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: "stop",
      },
    ],
    usage: usage(3),
  });
});

test("a stream has the role in its first piece only, then text, then the reason, then [DONE]", async () => {
  const { post } = await serveScripted();
  const answer = await post(path, { messages, stream: true }, { id: "r" });
  expect(answer.headers.get("content-type")).toMatch(/^text\/event-stream/);
  const text = await answer.text();
  expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  const events = parseEvents(text);
  const choice = (delta: object, finish_reason: string | null = null) => [
    { index: 0, delta, logprobs: null, finish_reason },
  ];
  expect(events.map(({ choices }) => choices)).toEqual([
    choice({ role: "assistant", content: "", refusal: null }),
    choice({ content: "Hello" }),
    choice({ content: " there" }),
    choice({ content: "." }),
    choice({}, "stop"),
  ]);
  expect(new Set(events.map(({ id, object, created }) => JSON.stringify([id, object, created]))).size).toBe(1);
  expect(events[0]).toMatchObject({ id: "chatcmpl-r", object: "chat.completion.chunk" });
  expect(events.some((event) => "usage" in event)).toBe(false);
});

test("usage is null in each piece, and stands in a last one without choices, when it is asked for", async () => {
  const { post } = await serveScripted();
  const answer = await post(path, { messages, stream: true, stream_options: { include_usage: true } });
  const events = parseEvents(await answer.text());
  expect(events.slice(0, -1).every((event) => event["usage"] === null)).toBe(true);
  expect(events.at(-1)).toMatchObject({ choices: [], usage: usage(3) });
});

test("continuous usage stands in each piece", async () => {
  const { post } = await serveScripted();
  const options = { include_usage: true, continuous_usage_stats: true };
  const events = parseEvents(await (await post(path, { messages, stream: true, stream_options: options })).text());
  const counts = events.map((event) => (event["usage"] as { completion_tokens: number }).completion_tokens);
  expect(counts).toEqual([1, 1, 2, 3, 3, 3]);
});

test("several answers have their indexes, and the prompt counts once", async () => {
  const { post, engine } = await serveScripted();
  const whole = (await (await post(path, { messages, n: 3 }, { id: "r" })).json()) as { choices: { index: number }[] };
  expect(whole).toMatchObject({ usage: usage(9) });
  expect(whole.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
  expect(engine.asked.slice(-3).map(({ id }) => id)).toEqual(["r.0", "r.1", "r.2"]);
  const events = parseEvents(await (await post(path, { messages, n: 2, stream: true })).text());
  const ended = events
    .flatMap(({ choices }) => choices as { index: number; finish_reason: string | null }[])
    .filter((choice) => choice.finish_reason === "stop");
  expect(ended.map(({ index }) => index).toSorted((one, other) => one - other)).toEqual([0, 1]);
});

describe("tools", () => {
  const tools = ["a", "b"].map((name) => ({
    type: "function",
    function: { name, description: "d", parameters: { type: "object" } },
  }));

  test("are called with an id, a type and a name in the first piece, and arguments after it", async () => {
    const { post, engine } = await serveScripted({ script: call("a", "b") });
    const events = parseEvents(await (await post(path, { messages, tools, stream: true })).text());
    const deltas = events.map(({ choices }) => (choices as { delta: object }[])[0]?.delta);
    expect(deltas).toEqual([
      { role: "assistant", content: null, refusal: null },
      { tool_calls: [{ index: 0, id: "call_0", type: "function", function: { name: "a", arguments: "" } }] },
      { tool_calls: [{ index: 0, function: { arguments: "{}" } }] },
      { tool_calls: [{ index: 1, id: "call_1", type: "function", function: { name: "b", arguments: "" } }] },
      { tool_calls: [{ index: 1, function: { arguments: "{}" } }] },
      {},
    ]);
    expect(events.at(-1)).toMatchObject({ choices: [{ finish_reason: "tool_calls" }] });
    expect(engine.asked.at(-1)?.prompt).toMatchObject({
      tools: [{ name: "a", description: "d", parameters: { type: "object" } }, { name: "b" }],
      toolChoice: "auto",
    });
  });

  test("are in a whole answer, whose content is null", async () => {
    const { post } = await serveScripted({ script: call("a") });
    const answer = await (
      await post(path, { messages, tools, tool_choice: { type: "function", function: { name: "a" } } })
    ).json();
    expect(answer).toMatchObject({
      choices: [
        {
          finish_reason: "tool_calls",
          message: {
            content: null,
            tool_calls: [{ id: "call_0", type: "function", function: { name: "a", arguments: "{}" } }],
          },
        },
      ],
    });
  });

  test("are called one at a time where the client wants it", async () => {
    const { post } = await serveScripted({ script: call("a", "b") });
    const answer = (await (await post(path, { messages, tools, parallel_tool_calls: false })).json()) as {
      choices: { message: { tool_calls: object[] }; finish_reason: string }[];
    };
    expect(answer.choices[0]?.message.tool_calls).toHaveLength(1);
    expect(answer.choices[0]?.finish_reason).toBe("tool_calls");
  });

  test.each([true, false])(
    "that the token limit cuts are called as far as it came, for the length (%s)",
    async (many) => {
      const counts = { promptTokens: 5, cachedTokens: 2, completionTokens: 4 };
      const cut = { id: "call_0", name: "a", arguments: '{"x' };
      const { post } = await serveScripted({
        script: async function* (request) {
          if (request.maxTokens === 1) yield { type: "text", text: "x", usage: counts };
          else yield { type: "tool-call", call: cut, usage: counts, isCut: true };
          yield { type: "end", reason: "length", usage: counts };
        },
      });
      expect(await (await post(path, { messages, tools, parallel_tool_calls: many })).json()).toMatchObject({
        choices: [
          {
            finish_reason: "length",
            message: { content: null, tool_calls: [{ function: { name: "a", arguments: '{"x' } }] },
          },
        ],
      });
    },
  );

  test("that must not be called are not shown to the model", async () => {
    const { post, engine } = await serveScripted();
    await (await post(path, { messages, tools, tool_choice: "none" })).text();
    expect(engine.asked.at(-1)?.prompt).toEqual({ type: "chat", messages: [{ role: "user", content: "Hi" }] });
  });
});

test("logprobs have tokens, bytes and what else was likely", async () => {
  const { post, engine } = await serveScripted({ script: say("é") });
  const answer = await (await post(path, { messages, logprobs: true, top_logprobs: 1 })).json();
  const token = { token: "é", logprob: -0.5, bytes: [195, 169] };
  expect(answer).toMatchObject({
    choices: [{ logprobs: { content: [{ ...token, top_logprobs: [token] }], refusal: null } }],
  });
  expect(engine.asked.at(-1)?.topLogprobs).toBe(1);
});

test("every parameter reaches the engine in its own words", async () => {
  const { post, engine } = await serveScripted();
  const schema = { type: "object" };
  const body = {
    messages: [
      { role: "developer", content: [{ type: "text", text: "Be brief." }] },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: "{}" } }],
      },
      { role: "tool", content: "ok", tool_call_id: "1" },
    ],
    temperature: 0.5,
    top_p: 0.9,
    top_k: 40,
    min_p: 0.1,
    seed: 7,
    stop: "END",
    presence_penalty: 1,
    frequency_penalty: -1,
    logit_bias: { 5: -100 },
    max_completion_tokens: 9,
    response_format: { type: "json_schema", json_schema: { name: "x", schema, strict: true } },
    user: "u",
    metadata: { a: "b" },
    store: false,
    reasoning_effort: "low",
  };
  expect((await post(path, body)).status).toBe(200);
  expect(engine.asked.at(-1)).toMatchObject({
    prompt: {
      messages: [
        { role: "developer", content: [{ type: "text", text: "Be brief." }] },
        { role: "assistant", content: null, toolCalls: [{ id: "1", name: "f", arguments: "{}" }] },
        { role: "tool", content: "ok", toolCallId: "1" },
      ],
    },
    sampling: {
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      minP: 0.1,
      seed: 7,
      presencePenalty: 1,
      frequencyPenalty: -1,
      logitBias: new Map([[5, -100]]),
    },
    stop: ["END"],
    maxTokens: 9,
    constraint: { type: "json_schema", schema },
  });
});
