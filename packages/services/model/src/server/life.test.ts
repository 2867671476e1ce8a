import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { HxpError } from "@hxp/errors";
import { sayForever } from "../../test/scripted-engine.ts";
import { parseEvents, type Scripted, serveScripted } from "../../test/serve-scripted.ts";

const path = "/v1/chat/completions";
const messages = [{ role: "user", content: "Hi" }];

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(2);
}

/** Answers the first request of a start, and then for ever. */
const foreverAfterStart = (text: string) => {
  const forever = sayForever(text);
  return ((request, signal) => (request.maxTokens === 1 ? oneToken() : forever(request, signal))) satisfies ReturnType<
    typeof sayForever
  >;
};

async function* oneToken() {
  const usage = { promptTokens: 5, cachedTokens: 0, completionTokens: 1 };
  yield { type: "text", text: "x", usage } as const;
  yield { type: "end", reason: "length", usage } as const;
}

const reportOf = async ({ get }: Scripted, id: string) => (await get(`/internal/usage/${id}`)).json();

describe("a client that leaves", () => {
  test.each([true, false])("ends the generation, stream or not (%s), and its usage is known", async (stream) => {
    const scripted = await serveScripted({ script: foreverAfterStart("word ") });
    const { post, engine, log } = scripted;
    const before = engine.ended();
    const controller = new AbortController();
    const answer = post(path, { messages, stream }, { id: "gone", signal: controller.signal });
    if (stream) await (await answer).body?.getReader().read();
    else await until(() => engine.asked.some(({ id }) => id === "gone"));
    controller.abort();
    await answer.catch(() => undefined);
    await until(() => engine.ended() > before);
    await until(() => log.some(({ event, requestId }) => event === "requestEnded" && requestId === "gone"));
    expect(await reportOf(scripted, "gone")).toMatchObject({
      prompt_tokens: 5,
      completion_tokens: expect.any(Number),
      ended: true,
    });
    expect(log.find(({ event, requestId }) => event === "requestEnded" && requestId === "gone")).toMatchObject({
      outcome: "cancelled",
    });
  });

  test("ends all answers of its request", async () => {
    const { post, engine } = await serveScripted({ script: foreverAfterStart("word ") });
    const before = engine.ended();
    const controller = new AbortController();
    const answer = await post(path, { messages, stream: true, n: 3 }, { signal: controller.signal });
    await answer.body?.getReader().read();
    controller.abort();
    await until(() => engine.ended() >= before + 3);
    expect(engine.ended()).toBe(before + 3);
  });
});

test("an answer that nobody wants any more is counted to where the engine ended it", async () => {
  const scripted = await serveScripted({
    script: async function* (request, signal) {
      if (request.maxTokens === 1) {
        yield* oneToken();
        return;
      }
      const usage = { promptTokens: 5, cachedTokens: 0, completionTokens: 1 };
      yield { type: "tool-call", call: { id: "call", name: "a", arguments: "{}" }, usage } as const;
      if (request.id === "left") await once(signal, "abort");
      // Generated before the abort, and read after it.
      yield { type: "text", text: "x", usage: { ...usage, completionTokens: 8 } } as const;
      yield { type: "end", reason: "aborted", usage: { ...usage, completionTokens: 9 } } as const;
    },
  });
  const tools = [{ type: "function", function: { name: "a" } }];
  const whole = await scripted.post(path, { messages, tools, parallel_tool_calls: false }, { id: "enough" });
  expect(await whole.json()).toMatchObject({
    choices: [{ finish_reason: "tool_calls", message: { content: null } }],
    usage: { completion_tokens: 9 },
  });
  const controller = new AbortController();
  const stream = await scripted.post(path, { messages, stream: true }, { id: "left", signal: controller.signal });
  await stream.body?.getReader().read();
  controller.abort();
  await until(() => scripted.log.some(({ event, requestId }) => event === "requestEnded" && requestId === "left"));
  expect(await reportOf(scripted, "left")).toMatchObject({ completion_tokens: 9, ended: true });
});

test("one answer that fails ends the others of its request", async () => {
  const forever = sayForever("word ");
  const { post, engine } = await serveScripted({
    script: (request, signal) => {
      if (request.maxTokens === 1) return oneToken();
      if (request.id.endsWith(".1")) throw new HxpError("ENGINE_FAILED", "No.");
      return forever(request, signal);
    },
  });
  const answer = await post(path, { messages, n: 3 });
  expect(answer.status).toBe(500);
  await until(() => engine.ended() === engine.asked.length);
});

test("a reader that is slow holds the engine up, and its memory stays small", async () => {
  let taken = 0;
  const large = "x".repeat(100_000);
  const { server } = await serveScripted({
    script: async function* (request, signal) {
      if (request.maxTokens === 1) {
        yield* oneToken();
        return;
      }
      while (!signal.aborted) {
        taken += 1;
        yield { type: "text", text: large, usage: { promptTokens: 5, cachedTokens: 0, completionTokens: taken } };
      }
    },
  });
  const socket = connect(Number(new URL(server.listening.address).port), "127.0.0.1");
  await once(socket, "connect");
  const body = JSON.stringify({ model: "tiny", messages, stream: true });
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  socket.pause();
  // Buffers of both sides fill up; then nothing moves any more.
  const count = (): number => taken;
  let before = -1;
  while (before !== count() || before === 0) {
    before = count();
    await sleep(300);
  }
  expect(before).toBeLessThan(500);
  socket.resume();
  await until(() => count() > before + 50);
  socket.destroy();
});

describe("draining", () => {
  test("lets streams end by themselves, and the process counts them", async () => {
    const { post, server } = await serveScripted({ config: { drain: { deadline: "30s" } } });
    const answer = await post(path, { messages, stream: true });
    const exit = server.drain("test");
    expect(await answer.text()).toContain("[DONE]");
    expect(await exit).toMatchObject({ exitCode: 0, cut: 0 });
  });

  test("ends what runs at the deadline with an error that says so, and the usage so far", async () => {
    const { post, server, engine } = await serveScripted({
      script: foreverAfterStart("w "),
      config: { drain: { deadline: "300ms" } },
    });
    const answer = await post(path, { messages, stream: true });
    const exit = server.drain("test");
    const text = await answer.text();
    expect(text).not.toContain("[DONE]");
    expect(parseEvents(text).at(-1)).toMatchObject({
      error: { code: "server_draining", retryable: true },
      usage: { completion_tokens: expect.any(Number) },
    });
    expect(await exit).toMatchObject({ exitCode: 0, cut: 1 });
    expect(engine.unloaded()).toBe(true);
  });
});

test("usage by id is of what runs and what has ended, the latest only", async () => {
  const scripted = await serveScripted({ serve: { rememberedRequests: 2 } });
  for (const id of ["a", "b", "c"]) await (await scripted.post(path, { messages }, { id })).text();
  expect((await scripted.get("/internal/usage/a")).status).toBe(404);
  expect(await reportOf(scripted, "c")).toEqual({
    prompt_tokens: 5,
    completion_tokens: 3,
    prompt_tokens_details: { cached_tokens: 2 },
    ended: true,
  });
  const controller = new AbortController();
  const long = await serveScripted({ script: foreverAfterStart("w ") });
  const answer = await long.post(path, { messages, stream: true }, { id: "d", signal: controller.signal });
  await answer.body?.getReader().read();
  expect(await reportOf(long, "d")).toMatchObject({ ended: false });
  controller.abort();
});

test("metrics tell of the engine and the requests", async () => {
  const { post, get, engine } = await serveScripted();
  await (await post(path, { messages })).text();
  await (await post(path, { messages: [] })).text();
  const text = await (await get("/metrics")).text();
  const read = (name: string): number =>
    Number(new RegExp(`^${name.replaceAll(/[{}"]/g, String.raw`\$&`)} (\\S+)$`, "m").exec(text)?.[1]);
  expect(read("hxp_engine_requests_running")).toBe(0);
  // The warm-up was before the counters began.
  expect(read("hxp_engine_prompt_tokens_total")).toBe((engine.asked.length - 1) * 5);
  expect(read('hxp_engine_requests_ended_total{reason="stop"}')).toBe(engine.asked.length - 1);
  expect(read('hxp_model_requests_total{endpoint="chat",outcome="completed"}')).toBe(2);
  expect(read('hxp_model_first_token_seconds_count{endpoint="chat"}')).toBe(2);
});

test("a line of the log has facts of a request and nothing that was said", async () => {
  const { post, log } = await serveScripted();
  await (await post(path, { messages: [{ role: "user", content: "my secret" }] }, { id: "r" })).text();
  const line = log.find(({ event, requestId }) => event === "requestEnded" && requestId === "r");
  expect(line).toMatchObject({
    endpoint: "chat",
    outcome: "completed",
    promptTokens: 5,
    completionTokens: 3,
    firstTokenMs: expect.any(Number),
  });
  expect(JSON.stringify(log)).not.toMatch(/my secret|Hello there/);
});
