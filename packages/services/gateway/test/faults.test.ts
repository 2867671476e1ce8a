import { describe, expect, test } from "vitest";
import {
  begin,
  beginStream,
  type Behaviour,
  engineUsage,
  refuse,
  reset,
  sendDone,
  sendFinish,
  sendJson,
  sendPiece,
  silence,
  wholeAnswer,
} from "./hostile-upstream.ts";
import { expectNoLeak, startUnderFault } from "./start-under-fault.ts";

interface Fault {
  readonly name: string;
  readonly behaviour: Behaviour;
  readonly status: number;
  readonly code: string;
  /** What the ledger says was generated of an answer that is not a stream. Default nothing. */
  readonly tokens?: readonly [prompt: number, completion: number, by: string];
}

const timeouts = { firstToken: "300ms", answer: "300ms", idle: "300ms" };
const nothing = [0, 0, "gateway"] as const;
/** The prompt by its size; what the engine made was not seen. */
const onlyPrompt = [expect.any(Number), 0, "estimate"] as const;
const part = [expect.any(Number), expect.any(Number), "estimate"] as const;
const isRetryable = (code: string): boolean =>
  !["context_length_exceeded", "upstream_misconfigured", "upstream_oversized", "unsupported_endpoint"].includes(code);

const tooLong = { message: "This model's maximum context length is 8 tokens.", type: "BadRequestError", code: 400 };

/** Faults before an answer begins: seen alike with and without a stream, as a status. */
const early: readonly Fault[] = [
  { name: "429", behaviour: refuse(429), status: 503, code: "upstream_busy" },
  { name: "429 with Retry-After", behaviour: refuse(429, { "retry-after": "7" }), status: 503, code: "upstream_busy" },
  { name: "500", behaviour: refuse(500), status: 502, code: "upstream_failed" },
  { name: "503", behaviour: refuse(503), status: 503, code: "upstream_busy" },
  { name: "a refused token", behaviour: refuse(401), status: 502, code: "upstream_misconfigured" },
  { name: "a reset", behaviour: reset, status: 502, code: "upstream_unreachable" },
  { name: "no response", behaviour: silence, status: 504, code: "upstream_timeout", tokens: onlyPrompt },
  {
    name: "a prompt that is too long",
    behaviour: refuse(400, {}, tooLong),
    status: 400,
    code: "context_length_exceeded",
  },
  { name: "what the engine lacks", behaviour: refuse(501), status: 501, code: "unsupported_endpoint" },
  {
    name: "no HTTP",
    behaviour: (response) => void response.socket?.end("SSH-2.0-OpenSSH\r\n\r\n"),
    status: 502,
    code: "upstream_unreachable",
  },
];

describe.each([false, true])("before the answer begins, stream %s", (stream) => {
  test.each(early)(
    "$name is $status $code, and nothing leaks",
    async ({ behaviour, status, code, tokens = nothing }) => {
      const started = await startUnderFault({ settings: { timeouts } });
      started.upstream.behave(behaviour);
      const answer = await started.ask({ stream });
      expect([answer.status, answer.error?.["code"]]).toEqual([
        status,
        expect.stringMatching(`${code}|upstream_invalid`),
      ]);
      expect(Object.keys(answer.error ?? {}).toSorted()).toEqual(["code", "message", "param", "type"]);
      expect(answer.headers.get("x-should-retry")).toBe(String(isRetryable(code)));
      expect(answer.text).not.toContain("127.0.0.1");
      const record = await started.ledger();
      expect([record.outcome, record.servedBy]).toEqual(["failed", undefined]);
      expect([record.promptTokens, record.completionTokens, record.countedBy]).toEqual(tokens);
      await expectNoLeak(started);
    },
  );

  test("how long a full upstream asks to wait is passed on", async () => {
    const { upstream, ask } = await startUnderFault();
    upstream.behave(refuse(429, { "retry-after": "7" }));
    const { headers } = await ask({ stream });
    expect([headers.get("retry-after"), headers.get("retry-after-ms")]).toEqual(["7", "7000"]);
  });
});

/** Faults in the middle of an answer that is not a stream. */
const midAnswer: readonly Fault[] = [
  {
    name: "a cut",
    behaviour: begin((response) => response.socket?.destroy()),
    status: 502,
    code: "upstream_cut",
    tokens: part,
  },
  { name: "a stall", behaviour: begin(() => {}), status: 504, code: "upstream_stalled", tokens: part },
  {
    name: "broken JSON",
    behaviour: (response) => void response.writeHead(200).end(JSON.stringify(wholeAnswer).slice(0, -1)),
    status: 502,
    code: "upstream_invalid",
    tokens: part,
  },
  {
    name: "HTML",
    behaviour: (response) => void response.end("<html>"),
    status: 502,
    code: "upstream_invalid",
    tokens: part,
  },
  {
    name: "no finish reason",
    behaviour: (response) => sendJson(response, { choices: [{ index: 0, finish_reason: null }], usage: engineUsage }),
    status: 502,
    code: "upstream_incomplete",
    tokens: [5, 2, "engine"],
  },
  {
    name: "an error with status 200",
    behaviour: (response) => sendJson(response, { error: { message: "out of memory" } }),
    status: 502,
    code: "upstream_failed",
  },
  {
    name: "an oversized answer",
    behaviour: (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const send = (left: number): void => {
        if (left > 0 && !response.destroyed) response.write(" ".repeat(1_048_576), () => send(left - 1));
      };
      send(66);
    },
    status: 502,
    code: "upstream_oversized",
    tokens: part,
  },
];

test.each(midAnswer)("an answer with $name is $status $code", async ({ behaviour, status, code, tokens }) => {
  // An answer that has begun is not asked for again: the engine has done the work.
  const started = await startUnderFault({ settings: { timeouts, retries: { attempts: 3 } } });
  started.upstream.behave(behaviour);
  const answer = await started.ask();
  expect([answer.status, answer.error?.["code"]]).toEqual([status, code]);
  const record = await started.ledger();
  expect(record).toMatchObject({ outcome: "failed", error: code.toUpperCase() });
  if (tokens) expect([record.promptTokens, record.completionTokens, record.countedBy]).toEqual(tokens);
  if (code !== "upstream_failed") expect(started.upstream.seen).toHaveLength(1);
  await expectNoLeak(started);
});

const streamThen =
  (then: Behaviour): Behaviour =>
  (response, request) => {
    beginStream(response);
    setImmediate(() => setImmediate(() => then(response, request)));
  };

/** Faults after the first piece of a stream: told in the stream. */
const midStream: readonly Pick<Fault, "name" | "behaviour" | "code">[] = [
  { name: "a cut", behaviour: streamThen((response) => void response.socket?.destroy()), code: "upstream_cut" },
  { name: "a stall", behaviour: streamThen(silence), code: "upstream_stalled" },
  {
    name: "a malformed event",
    behaviour: streamThen((response) => void response.write('data: {"choices":[{"index":0,\n\n')),
    code: "upstream_invalid",
  },
  {
    name: "an event without choices",
    behaviour: streamThen((response) => void response.write("data: {}\n\n")),
    code: "upstream_invalid",
  },
  {
    name: "an end without a finish reason",
    behaviour: streamThen((response) => void response.end()),
    code: "upstream_incomplete",
  },
  { name: "[DONE] without a finish reason", behaviour: streamThen(sendDone), code: "upstream_incomplete" },
  {
    name: "an end in the middle of an event",
    behaviour: streamThen((response) => void response.end('data: {"choices":[{"ind')),
    code: "upstream_incomplete",
  },
  {
    name: "an oversized event",
    behaviour: streamThen((response) => void response.write(`data: "${"x".repeat(1_100_000)}`)),
    code: "upstream_oversized",
  },
  {
    name: "an error of the engine",
    behaviour: streamThen((response) => {
      sendPiece(response, { error: { message: "CUDA out of memory at 0x7f", type: "x", code: 500 } });
      sendDone(response);
    }),
    code: "upstream_failed",
  },
];

describe("in the middle of a stream", () => {
  test.each(midStream)("$name is $code in the stream, without [DONE]", async ({ behaviour, code }) => {
    const started = await startUnderFault({ settings: { timeouts, retries: { attempts: 3 } } });
    started.upstream.behave(behaviour);
    const { status, error, events, text, headers } = await started.ask({ stream: true });
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(headers.get("x-hxp-route")).toMatch(/^guide\//);
    expect(events.map((event) => JSON.parse(event).choices[0].delta.content)).toEqual(["Hel"]);
    expect(error).toMatchObject({ code, type: "server_error", param: null, retryable: isRetryable(code) });
    expect(error).toMatchObject({ message: expect.any(String), usage: { completion_tokens: 1 } });
    expect(text).not.toMatch(/\[DONE\]|CUDA/);
    expect(await started.ledger()).toMatchObject({
      outcome: "failed",
      error: code.toUpperCase(),
      completionTokens: 1,
      countedBy: "gateway",
      servedBy: expect.stringMatching(/^guide\//),
    });
    expect(started.upstream.seen).toHaveLength(1);
    await expectNoLeak(started);
  });

  test("an error of the engine about the request itself keeps its words", async () => {
    const { upstream, ask } = await startUnderFault();
    upstream.behave(streamThen((response) => sendPiece(response, { error: tooLong })));
    expect((await ask({ stream: true })).error).toMatchObject({
      code: "context_length_exceeded",
      type: "invalid_request_error",
      retryable: false,
    });
  });

  test("an end without [DONE] after all finish reasons is whole, and the client gets its [DONE]", async () => {
    const started = await startUnderFault();
    started.upstream.behave(
      streamThen((response) => {
        sendFinish(response);
        response.end();
      }),
    );
    const { error, events } = await started.ask({ stream: true });
    expect(error).toBeUndefined();
    expect(events.at(-1)).toBe("[DONE]");
    expect(await started.ledger()).toMatchObject({ outcome: "completed", completionTokens: 2, countedBy: "gateway" });
    await expectNoLeak(started);
  });

  test("of two choices, one without a finish reason makes the stream incomplete", async () => {
    const { upstream, ask } = await startUnderFault();
    upstream.behave((response) => {
      beginStream(response);
      sendPiece(response, { choices: [{ index: 1, delta: { content: "x" }, finish_reason: null }] });
      sendFinish(response);
      sendDone(response);
    });
    expect((await ask({ stream: true, body: { n: 2 } })).error).toMatchObject({ code: "upstream_incomplete" });
  });

  test("a stream that never closes after [DONE] does not keep the place", async () => {
    const started = await startUnderFault();
    started.upstream.behave((response) => {
      beginStream(response);
      sendFinish(response);
      response.write("data: [DONE]\n\n");
    });
    expect((await started.ask({ stream: true })).error).toBeUndefined();
    await expectNoLeak(started);
  });
});
