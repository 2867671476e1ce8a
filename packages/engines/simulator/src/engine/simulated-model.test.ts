import { describe, expect, test } from "vitest";
import type { GenerateEvent, GenerateRequest, LoadedModel } from "@hxp/engine";
import { createManualClock, createSimulatorEngine, type SimulatorOptions } from "@hxp/engine-simulator";

const load = { file: "/dev/null", contextLength: 512, sequences: 2, threads: 1, gpuLayers: 0, variant: "cpu" };
const sampling = { temperature: 0, topP: 1, topK: 0, minP: 0, presencePenalty: 0, frequencyPenalty: 0 };

const open = (options: SimulatorOptions = {}, change: Partial<typeof load> & { settings?: object } = {}) =>
  createSimulatorEngine(options).load({ ...load, ...change } as typeof load);

function ask(text: string, change: Partial<GenerateRequest> = {}): GenerateRequest {
  return { id: "r", prompt: { type: "text", text }, sampling, stop: [], ...change };
}

async function collect(events: AsyncIterable<GenerateEvent>) {
  const all: GenerateEvent[] = [];
  for await (const event of events) all.push(event);
  const text = all.map((event) => (event.type === "text" ? event.text : "")).join("");
  const end = all.at(-1);
  return { all, text, usage: end?.usage, reason: end?.type === "end" ? end.reason : undefined };
}

const answer = async (model: LoadedModel, request: GenerateRequest) => (await collect(model.generate(request))).text;

test("another seed gives another answer, and chance depends on the request's id", async () => {
  const [one, other] = await Promise.all([open({ seed: 1 }), open({ seed: 2 })]);
  expect(await answer(one, ask("x"))).not.toBe(await answer(other, ask("x")));
  const hot = { ...sampling, temperature: 1 };
  const [first, second] = [ask("x", { id: "a", sampling: hot }), ask("x", { id: "b", sampling: hot })];
  expect(await answer(one, first)).toBe(await answer(one, first));
  expect(await answer(one, first)).not.toBe(await answer(one, second));
});

test("fixed answers are given to the last message, whatever is before it", async () => {
  const model = await open({ answers: { ping: "pong", constructor: "one" } });
  const messages = [
    { role: "system", content: "Be brief." },
    { role: "user", content: "ping" },
  ] as const;
  expect(await answer(model, ask("", { prompt: { type: "chat", messages } }))).toBe("pong");
  expect(await answer(model, ask("constructor"))).toBe("one");
  expect(await answer(model, ask("toString"))).not.toBe("");
});

test("tokens come at the pace that was asked for, and not before", async () => {
  const clock = createManualClock();
  const model = await open({ clock, timeToFirstTokenMs: 100, tokensPerSecond: 20, answers: { x: "one two three" } });
  const times: number[] = [];
  const run = (async () => {
    for await (const event of model.generate(ask("x"))) if (event.type === "text") times.push(clock.now());
  })();
  await clock.advance(99);
  expect(times).toEqual([]);
  await clock.advance(1000);
  await run;
  expect(times).toEqual([100, 150, 200]);
});

test("a request waits for a sequence, and for room in the cache", async () => {
  const clock = createManualClock();
  const model = await open({ clock, tokensPerSecond: 1, cacheTokens: 40, answers: { x: "a b c d e f g h" } });
  const runs = ["1", "2", "3"].map((id) => collect(model.generate(ask("x", { id }))));
  await clock.advance(0);
  expect(model.metrics()).toMatchObject({ running: 2, waiting: 1 });
  expect(model.metrics().cacheUsage).toBeGreaterThan(0);
  const large = collect(model.generate(ask("x ".repeat(30), { id: "large", maxTokens: 4 })));
  await clock.advance(8_000);
  expect(model.metrics()).toMatchObject({ running: 1, waiting: 1 });
  await clock.advance(60_000);
  await Promise.all([...runs, large]);
  expect(model.metrics()).toMatchObject({ running: 0, waiting: 0, cacheUsage: 0 });
});

test("a prompt that was read before is reused, in blocks, but for its last token", async () => {
  const model = await open();
  const text = "word ".repeat(40);
  const [first, second] = [await collect(model.generate(ask(text))), await collect(model.generate(ask(text)))];
  expect([first.usage?.cachedTokens, second.usage?.cachedTokens]).toEqual([0, 32]);
  const third = await collect(model.generate(ask(`other ${text}`)));
  expect(third.usage?.cachedTokens).toBe(0);
});

test("a tool that may be called is called once, with arguments that match its schema", async () => {
  const model = await open();
  const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
  const tools = [{ name: "weather", parameters }];
  const user = { role: "user", content: "How is the weather?" } as const;
  const first = await collect(model.generate(ask("", { prompt: { type: "chat", messages: [user], tools } })));
  const call = first.all.find((event) => event.type === "tool-call");
  expect(first.reason).toBe("tool_calls");
  expect(JSON.parse(call?.type === "tool-call" ? call.call.arguments : "")).toEqual({ city: expect.any(String) });
  const tool = { role: "tool", content: "sunny", toolCallId: "1" } as const;
  const second = await collect(model.generate(ask("", { prompt: { type: "chat", messages: [user, tool], tools } })));
  expect([second.reason, second.text === ""]).toEqual(["stop", false]);
});

test("logprobs come with each token when they are asked for", async () => {
  const model = await open();
  const { all } = await collect(model.generate(ask("x", { topLogprobs: 3, maxTokens: 2 })));
  const chosen = all.flatMap((event) => (event.type === "text" ? (event.logprobs ?? []) : []));
  expect(chosen).toHaveLength(2);
  for (const { token, logprob, bytes, top } of chosen) {
    expect(Buffer.from(bytes).toString()).toBe(token);
    expect(logprob).toBeLessThanOrEqual(0);
    expect(top.map((each) => each.logprob)).toEqual(top.map((each) => each.logprob).toSorted((a, b) => b - a));
  }
});

test("vectors have the length 1, and those of texts that share words are nearer", async () => {
  const model = await open({ embeddingLength: 64 });
  const texts = ["a red house", "a red home", "quantum flux"];
  const { vectors, promptTokens } = await model.embed({ id: "e", texts });
  const [first = [], near = [], far = []] = vectors;
  const dot = (other: readonly number[]) => first.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
  expect(dot(first)).toBeCloseTo(1);
  expect(dot(near)).toBeGreaterThan(dot(far));
  expect(promptTokens).toBe(texts.reduce((sum, text) => sum + model.countTokens(text), 0));
});

describe("faults", () => {
  test("fail a request at a token, and count it", async () => {
    const model = await open({ fault: (_, index) => (index === 0 ? { type: "fail", atToken: 2 } : undefined) });
    const events: GenerateEvent[] = [];
    const run = (async () => {
      for await (const event of model.generate(ask("x"))) events.push(event);
    })();
    await expect(run).rejects.toMatchObject({ code: "ENGINE_FAILED" });
    expect(events.filter(({ type }) => type === "text")).toHaveLength(2);
    expect((await collect(model.generate(ask("x")))).reason).toBe("stop");
    expect(model.metrics()).toMatchObject({ running: 0, ended: { failed: 1, stop: 1 } });
  });

  test("stall a request until it is aborted", async () => {
    const model = await open({ fault: () => ({ type: "stall", atToken: 1 }) });
    const controller = new AbortController();
    const events: GenerateEvent[] = [];
    for await (const event of model.generate(ask("x"), controller.signal)) {
      events.push(event);
      if (event.type === "text") setImmediate(() => controller.abort());
    }
    expect(events.at(-1)).toMatchObject({ type: "end", reason: "aborted", usage: { completionTokens: 1 } });
  });

  test("slow a request down", async () => {
    const clock = createManualClock();
    const fault = { type: "slow", atToken: 1, factor: 10 } as const;
    const model = await open({ clock, tokensPerSecond: 10, answers: { x: "one two" }, fault: () => fault });
    const run = collect(model.generate(ask("x")));
    await clock.advance(999);
    expect(model.metrics().completionTokens).toBe(1);
    await clock.advance(1);
    await run;
    expect(model.metrics().completionTokens).toBe(2);
  });
});

test.each([
  [{ sed: 1 }, /no setting sed.*seed/],
  [{ tokensPerSecond: -1 }, /tokensPerSecond is -1/],
  [{ answerTokens: [9, 1] }, /answerTokens/],
  [{ answers: { a: 1 } }, /answers/],
])("settings %j are refused", async (settings, message) => {
  await expect(open({}, { settings })).rejects.toMatchObject({
    code: "ENGINE_REQUEST_INVALID",
    message: expect.stringMatching(message),
  });
});

test("a grammar is not known", async () => {
  const model = await open();
  const request = ask("x", { constraint: { type: "grammar", grammar: 'root ::= "a"' } });
  await expect(collect(model.generate(request))).rejects.toMatchObject({ code: "ENGINE_UNSUPPORTED" });
});
