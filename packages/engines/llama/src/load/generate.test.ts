import type { GenerateRequest, Sampling, Tool } from "@hxp/engine";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { controls, greedy } from "../../test/tiny-model.ts";
import { read, request, useTinyModel } from "../../test/use-tiny-model.ts";

let used: Awaited<ReturnType<typeof useTinyModel>>;
beforeAll(async () => {
  used = await useTinyModel({ contextLength: 2048, sequences: 8 });
});
afterAll(() => used[Symbol.asyncDispose]());
const ask = (change: Partial<GenerateRequest> = {}): ReturnType<typeof read> =>
  read(used.model.generate(request(change)));
const tokenOf = (character: string): number => controls.length + character.charCodeAt(0);

describe("sampling", () => {
  const random: Sampling = { ...greedy, temperature: 1.2, seed: 1 };
  const sample = async (change: Partial<Sampling>): Promise<string> =>
    (await ask({ sampling: { ...random, ...change }, maxTokens: 40 })).text;

  test("the same seed gives the same answer, also among others, and another seed another", async () => {
    const [first, second, other] = await Promise.all([sample({}), sample({}), sample({ seed: 2 })]);
    expect(second).toBe(first);
    expect(other).not.toBe(first);
    expect(await sample({})).toBe(first);
  });

  test("without a seed, answers at the same time differ", async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => sample({ seed: undefined })));
    expect(new Set(answers).size).toBeGreaterThan(1);
  });

  test("one likely token left is temperature 0", async () => {
    const likeliest = (await ask({ maxTokens: 40 })).text;
    expect(await sample({ topK: 1 })).toBe(likeliest);
    expect(await sample({ minP: 1 })).toBe(likeliest);
    expect(await sample({ topP: 0 })).toBe(likeliest);
    expect(await sample({})).not.toBe(likeliest);
  });

  test("a bias makes a token certain or impossible", async () => {
    const text = (await ask()).text;
    const first = text[0]!;
    const banned = await ask({ sampling: { ...greedy, logitBias: new Map([[tokenOf(first), -100]]) } });
    expect(banned.text).not.toContain(first);
    const forced = await ask({ sampling: { ...greedy, logitBias: new Map([[tokenOf("z"), 100]]) } });
    expect(forced.text).toBe("z".repeat(12));
  });

  test("penalties make an answer repeat less", async () => {
    const count = async (change: Partial<Sampling>): Promise<number> =>
      new Set((await ask({ sampling: { ...greedy, ...change }, maxTokens: 60 })).text).size;
    const plain = await count({});
    expect(await count({ presencePenalty: 100 })).toBeGreaterThan(plain);
    expect(await count({ frequencyPenalty: 50 })).toBeGreaterThan(plain);
  });

  test.each<Partial<Sampling>>([
    { temperature: Number.NaN },
    { topK: 1.5 },
    { minP: 2 },
    { seed: 0.5 },
    { logitBias: new Map([[100_000, 1]]) },
    { logitBias: new Map([[1, Number.NaN]]) },
  ])("%o is refused", async (change) => {
    await expect(ask({ sampling: { ...greedy, ...change } })).rejects.toMatchObject({ code: "ENGINE_REQUEST_INVALID" });
  });
});

describe("log probabilities", () => {
  test("are the model's own: the likeliest first, and all tokens together are certain", async () => {
    const { events } = await ask({ topLogprobs: 100, sampling: { ...greedy, temperature: 2, topK: 5, seed: 3 } });
    const tokens = events.flatMap((event) => (event.type === "text" ? event.logprobs! : []));
    expect(tokens).toHaveLength(12);
    for (const { token, logprob, top } of tokens) {
      expect(top).toHaveLength(100);
      expect(top.find((other) => other.token === token)?.logprob).toBeCloseTo(logprob, 5);
      const sum = top.reduce((total, other) => total + Math.exp(other.logprob), 0);
      expect(sum).toBeGreaterThan(0.5);
      expect(sum).toBeLessThan(1.001);
    }
  });

  test("are reported for the chosen token alone when no others are asked for", async () => {
    const { events } = await ask({ topLogprobs: 0 });
    const tokens = events.flatMap((event) => (event.type === "text" ? event.logprobs! : []));
    expect(tokens.map(({ top }) => top.length)).toEqual(Array.from({ length: 12 }, () => 0));
    expect(tokens.every(({ logprob }) => logprob < 0)).toBe(true);
  });
});

describe("tools", () => {
  const tool: Tool = {
    name: "book",
    description: "Books a table.",
    parameters: {
      type: "object",
      properties: { people: { type: "integer", minimum: 1, maximum: 12 }, when: { $ref: "#/$defs/time" } },
      required: ["people", "when"],
      $defs: { time: { type: "string", format: "time" } },
    },
  };
  const other: Tool = { name: "cancel" };
  const chat = (toolChoice: "required" | "none" | "auto" | { name: string }): GenerateRequest["prompt"] => ({
    type: "chat",
    messages: [{ role: "user", content: "A table for two" }],
    tools: [tool, other],
    toolChoice,
  });

  test("a tool that must be called is called, however random the model", async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, seed) =>
        ask({ prompt: chat({ name: "book" }), sampling: { ...greedy, temperature: 1.5, seed }, maxTokens: 200 }),
      ),
    );
    for (const { calls, text, reason } of answers) {
      expect({ text, reason, names: calls.map(({ name }) => name) }).toEqual({
        text: "",
        reason: "tool_calls",
        names: ["book"],
      });
      const { people, when } = JSON.parse(calls[0]!.arguments) as { people: number; when: string };
      expect(people >= 1 && people <= 12 && when.includes(":")).toBe(true);
      expect(calls[0]!.id).toMatch(/^call_[0-9a-f]{24}$/);
    }
  });

  test("one of the tools is called when some tool must be", async () => {
    const answers = Array.from({ length: 6 }, (_, seed) =>
      ask({ prompt: chat("required"), sampling: { ...greedy, temperature: 2, seed }, maxTokens: 200 }),
    );
    for (const { calls } of await Promise.all(answers)) expect(["book", "cancel"]).toContain(calls[0]?.name);
  });

  test("a call that must be made ends, though the model would rather write white space for ever", async () => {
    const logitBias = new Map([" ", "\n", "\t", "\r"].map((character) => [tokenOf(character), 100]));
    const counts = { type: "array", items: { type: "integer" }, maxItems: 3 };
    const parameters = {
      type: "object",
      properties: { counts, sum: { type: ["number", "null"] } },
      required: ["counts"],
    };
    const tools = [tool, other, { name: "count", parameters }];
    for (const each of tools) {
      const prompt = { ...chat({ name: each.name }), tools } as GenerateRequest["prompt"];
      const { reason, calls } = await ask({ prompt, sampling: { ...greedy, logitBias }, maxTokens: 400 });
      expect([reason, calls[0]?.name]).toEqual(["tool_calls", each.name]);
    }
  });

  test("a call that must be made and is cut is a call as far as it came, and no text", async () => {
    for (const maxTokens of [3, 30, 45]) {
      const { events, calls, text, reason } = await ask({ prompt: chat({ name: "book" }), maxTokens });
      expect({ text, reason, names: calls.map(({ name }) => name) }).toEqual({
        text: "",
        reason: "length",
        names: ["book"],
      });
      expect(events.at(-2)).toMatchObject({ type: "tool-call", isCut: true });
      expect('{"people": '.startsWith(calls[0]!.arguments) || /^\{\s*"people"/.test(calls[0]!.arguments)).toBe(true);
    }
  });

  test("without a choice, an answer that calls nothing is text", async () => {
    const { text, calls, reason } = await ask({ prompt: chat("auto") });
    expect({ calls, reason, length: text.length > 0 }).toEqual({ calls: [], reason: "length", length: true });
  });

  test("tools are not shown to the model when it may not call them", async () => {
    const [none, shown] = [await ask({ prompt: chat("none") }), await ask({ prompt: chat("auto") })];
    expect(none.usage.promptTokens).toBeLessThan(shown.usage.promptTokens / 3);
  });

  test("earlier calls and their results are a part of the prompt", async () => {
    const messages = [
      { role: "user", content: "A table for two" },
      { role: "assistant", content: null, toolCalls: [{ id: "1", name: "book", arguments: '{"people":2}' }] },
      { role: "tool", content: "done", toolCallId: "1" },
    ] as const;
    const { usage } = await ask({ prompt: { type: "chat", messages, tools: [tool] } });
    expect(usage.promptTokens).toBeGreaterThan(
      used.model.countTokens('{"name": "book", "arguments": {"people":2}}done'),
    );
  });

  test.each<[title: string, change: Partial<GenerateRequest>, code: string]>([
    ["a tool that is not there", { prompt: chat({ name: "missing" }) }, "ENGINE_REQUEST_INVALID"],
    [
      "a call without tools",
      { prompt: { type: "chat", messages: [{ role: "user", content: "x" }], toolChoice: "required" } },
      "ENGINE_REQUEST_INVALID",
    ],
    ["tools together with a constraint", { prompt: chat("auto"), constraint: { type: "json" } }, "ENGINE_UNSUPPORTED"],
  ])("%s is refused", async (_, change, code) => {
    await expect(ask(change)).rejects.toMatchObject({ code });
  });
});

test("an answer ends at the model's end token, which is counted", async () => {
  const ending = new Map([[2, 100]]);
  const { text, reason, usage } = await ask({ sampling: { ...greedy, logitBias: ending } });
  expect({ text, reason, tokens: usage.completionTokens }).toEqual({ text: "", reason: "stop", tokens: 1 });
});

test("control tokens of a text are read as such", () => {
  expect(used.model.countTokens("<|im_end|>")).toBe(10);
  return expect(ask({ prompt: { type: "text", text: "<|im_end|>" } })).resolves.toMatchObject({
    usage: { promptTokens: 1 },
  });
});

test("an empty prompt is refused", async () => {
  await expect(ask({ prompt: { type: "text", text: "" } })).rejects.toMatchObject({ code: "ENGINE_REQUEST_INVALID" });
});

test("a model without a template has no chat, and one of the configuration's own gives it one", async () => {
  const prompt = { type: "chat", messages: [{ role: "user", content: "x" }] } as const;
  await using without = await useTinyModel({}, { chatTemplate: undefined });
  expect(without.model.info.capabilities).toMatchObject({ chat: false, tools: false, completion: true });
  await expect(read(without.model.generate(request({ prompt })))).rejects.toMatchObject({ code: "ENGINE_UNSUPPORTED" });
  await using given = await useTinyModel({ chatTemplate: "{{ messages[0].content }}!" }, { chatTemplate: undefined });
  expect((await read(given.model.generate(request({ prompt })))).usage.promptTokens).toBe(2);
});

test("a text that is too long to embed is refused with the numbers", async () => {
  await expect(used.model.embed({ id: "1", texts: ["x".repeat(600)] })).rejects.toMatchObject({
    code: "ENGINE_CONTEXT_EXCEEDED",
    message: "A text to embed has 600 tokens, expected at most 512",
  });
  await expect(used.model.embed({ id: "1", texts: [""] })).rejects.toMatchObject({ code: "ENGINE_REQUEST_INVALID" });
});

test("a prompt of megabytes is refused before it is read", async () => {
  const text = "word ".repeat(1_000_000);
  const message = expect.stringMatching(/has more than \d{5,} tokens: the context holds 2048$/) as string;
  const refused = { code: "ENGINE_CONTEXT_EXCEEDED", message, details: { contextLength: 2048 } };
  const chat = { type: "chat", messages: [{ role: "user", content: text }] } as const;
  await expect(ask({ prompt: { type: "text", text } })).rejects.toMatchObject(refused);
  await expect(ask({ prompt: chat })).rejects.toMatchObject(refused);
  await expect(used.model.embed({ id: "1", texts: [text] })).rejects.toMatchObject({ code: "ENGINE_CONTEXT_EXCEEDED" });
});

test("embedding stops when it is aborted", async () => {
  const reason = new Error("enough");
  await expect(used.model.embed({ id: "1", texts: ["x"] }, AbortSignal.abort(reason))).rejects.toBe(reason);
});
