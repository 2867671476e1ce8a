import { describe, expect, test } from "vitest";
import { answerWell, beginStream, engineUsage, sendDone, sendFinish, sendPiece } from "./hostile-upstream.ts";
import { startUnderFault } from "./start-under-fault.ts";

const usage = { include_usage: true };
const delta = (content: string, finish_reason: string | null = null) => [
  { index: 0, delta: { content }, finish_reason },
];

describe("usage in a stream", () => {
  test("is asked of the upstream, and is not shown to a client that did not ask", async () => {
    const { upstream, ask, ledger } = await startUnderFault();
    const { text, events } = await ask({ stream: true });
    expect(upstream.seen[0]?.body["stream_options"]).toEqual(usage);
    expect(text).not.toContain("usage");
    expect(events).toHaveLength(3);
    expect(await ledger()).toMatchObject({
      promptTokens: 5,
      completionTokens: 2,
      countedBy: "engine",
      outcome: "completed",
    });
  });

  test("is null in each piece, and then in a last piece without choices, for a client that asked", async () => {
    const { ask } = await startUnderFault();
    const { events } = await ask({ stream: true, body: { stream_options: usage } });
    const pieces = events.slice(0, -1).map((event) => JSON.parse(event));
    expect(pieces.map((piece) => [piece.choices.length, piece.usage])).toEqual([
      [1, null],
      [1, null],
      [0, engineUsage],
    ]);
    expect(events.at(-1)).toBe("[DONE]");
  });

  test.each([undefined, usage])(
    "in every piece of the upstream changes nothing of that, options %j",
    async (stream_options) => {
      const { upstream, ask, ledger } = await startUnderFault({ target: { continuousUsage: true } });
      upstream.behave((response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        sendPiece(response, { choices: delta('"usage":{"x":1}'), usage: { ...engineUsage, completion_tokens: 1 } });
        sendPiece(response, { usage: engineUsage, choices: delta("b", "stop") });
        sendPiece(response, { choices: [], usage: engineUsage });
        sendDone(response);
      });
      const { events } = await ask({ stream: true, body: { ...(stream_options && { stream_options }) } });
      expect(upstream.seen[0]?.body["stream_options"]).toEqual({ ...usage, continuous_usage_stats: true });
      const pieces = events.slice(0, -1).map((event) => JSON.parse(event));
      expect(pieces.map((piece) => piece.choices[0]?.delta.content)).toEqual(
        stream_options ? ['"usage":{"x":1}', "b", undefined] : ['"usage":{"x":1}', "b"],
      );
      expect(pieces.map((piece) => piece.usage)).toEqual(
        stream_options ? [null, null, engineUsage] : [undefined, undefined],
      );
      expect(await ledger()).toMatchObject({ completionTokens: 2, countedBy: "engine" });
    },
  );

  test("that an upstream puts into its last piece becomes a piece of its own", async () => {
    const { upstream, ask } = await startUnderFault();
    upstream.behave((response) => {
      beginStream(response);
      sendPiece(response, { choices: delta("b", "stop"), usage: engineUsage });
      sendDone(response);
    });
    const { events } = await ask({ stream: true, body: { stream_options: usage } });
    const pieces = events.slice(0, -1).map((event) => JSON.parse(event));
    expect(pieces.map((piece) => piece.usage)).toEqual([null, null, expect.objectContaining(engineUsage)]);
    expect(pieces.at(-1)).toMatchObject({
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      model: "engine",
      choices: [],
    });
  });

  test("stays in every piece for a client that asked for that", async () => {
    const { upstream, ask } = await startUnderFault({ target: { continuousUsage: true } });
    upstream.behave((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      sendPiece(response, { choices: delta("a", "stop"), usage: engineUsage });
      sendDone(response);
    });
    const { text } = await ask({ stream: true, body: { stream_options: { ...usage, continuous_usage_stats: true } } });
    expect(text).toContain(JSON.stringify(engineUsage));
  });

  test("is counted in pieces where the engine tells none", async () => {
    const { upstream, ask, ledger } = await startUnderFault();
    upstream.behave((response) => {
      beginStream(response);
      sendFinish(response);
      sendDone(response);
    });
    await ask({ stream: true, body: { stream_options: usage } });
    expect(await ledger()).toMatchObject({ completionTokens: 2, countedBy: "gateway", outcome: "completed" });
  });
});

test("what needs no change is passed on byte by byte, however it is written and split", async () => {
  const { upstream, ask } = await startUnderFault();
  const written = [
    'id: 1\r\nevent: x\r\ndata: {"choices" : [ {"index":0,"delta":{"content":"ä€😀\\u0041"}, "n": 1e400, "n": 1.0} ]}\r\n\r\n',
    'data:{"choices":[{"index":0,\ndata:"finish_reason":"stop"}]}\n\n',
    "data: [DONE]\n\n",
  ].join("");
  upstream.behave((response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const bytes = Buffer.from(written);
    const send = (at: number): void => {
      if (at === bytes.length) response.end();
      else response.write(bytes.subarray(at, at + 1), () => setImmediate(send, at + 1));
    };
    send(0);
  });
  expect((await ask({ stream: true, body: {} })).text).toBe(written);
});

test("a body that needs no change goes on as it came; one that does is written anew, once", async () => {
  const { upstream, ask } = await startUnderFault();
  await ask({ body: { seed: 1, "x-y": null } });
  expect(upstream.seen[0]?.body).toEqual({
    model: "guide",
    messages: [{ role: "user", content: "Hi" }],
    stream: false,
    seed: 1,
    "x-y": null,
  });
  const renamed = await startUnderFault({ target: { model: "org/guide-7b" } });
  await renamed.ask({ stream: true, body: { stream_options: { other: 1 } } });
  expect(renamed.upstream.seen[0]?.body).toMatchObject({
    model: "org/guide-7b",
    stream_options: { other: 1, include_usage: true },
  });
});

test("an upstream gets none of the client's headers, and a client none of the upstream's but those on the list", async () => {
  const { upstream, ask } = await startUnderFault();
  upstream.behave((response, request) => {
    response.setHeader("set-cookie", "a=b").setHeader("server", "uvicorn").setHeader("x-internal", "1");
    response.setHeader("openai-processing-ms", "5").setHeader("keep-alive", "timeout=99");
    answerWell(response, request);
  });
  const { headers } = await ask();
  expect(Object.keys(upstream.seen[0]?.headers ?? {}).toSorted()).toEqual([
    "accept",
    "connection",
    "content-length",
    "content-type",
    "host",
    "user-agent",
    "x-request-id",
  ]);
  for (const name of ["set-cookie", "server", "x-internal"]) expect(headers.get(name)).toBeNull();
  expect(headers.get("openai-processing-ms")).toBe("5");
  expect(headers.get("keep-alive")).not.toContain("99");
});

test("a client that does not read stops the upstream, and gets all of it when it reads again", async () => {
  const { upstream, send, ledger } = await startUnderFault({ settings: { timeouts: { idle: "5s" } } });
  const content = "x".repeat(65_536);
  let sent = 0;
  let isBlocked = false;
  const total = 1000;
  upstream.behave((response) => {
    beginStream(response);
    const fill = (): void => {
      while (sent < total) {
        sent += 1;
        const flows = response.write(`data: ${JSON.stringify({ choices: delta(content) })}\n\n`);
        if (flows) continue;
        isBlocked = true;
        response.once("drain", fill);
        return;
      }
      sendFinish(response);
      sendDone(response);
    };
    fill();
  });
  const response = await send({ stream: true });
  const reader = response.body?.getReader();
  let previous = -1;
  // Blocked for longer than the idle time, which is no fault of the upstream.
  while (previous !== sent) {
    previous = sent;
    await new Promise((resolve) => setTimeout(resolve, 6000));
  }
  expect(isBlocked).toBe(true);
  expect(sent).toBeLessThan(total / 2);
  let bytes = 0;
  for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) bytes += read.value.length;
  expect(bytes).toBeGreaterThan(total * content.length);
  expect(await ledger()).toMatchObject({ outcome: "completed" });
});
