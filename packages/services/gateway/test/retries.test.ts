import { describe, expect, test } from "vitest";
import {
  answerWell,
  begin,
  type Behaviour,
  beginStream,
  refuse,
  reset,
  sendPiece,
  silence,
} from "./hostile-upstream.ts";
import { expectNoLeak, startUnderFault } from "./start-under-fault.ts";

const retries = { attempts: 3, backoff: "1ms", maxBackoff: "2s" };

describe.each([false, true])("before the first byte, stream %s", (stream) => {
  test.each([
    ["429", refuse(429, { "retry-after-ms": "20" })],
    ["500", refuse(500)],
    ["a reset", reset],
    ["silence", silence],
    ["401", refuse(401)],
  ])("after %s another upstream answers", async (_, behaviour) => {
    const timeouts = { firstToken: "1s", answer: "1s" };
    const started = await startUnderFault({ settings: { retries, timeouts }, others: 1 });
    const both = [started.upstream, ...started.others];
    let hasFailed = false;
    // Whichever is asked first fails.
    const failOnce: Behaviour = (response, request) => {
      if (hasFailed) return answerWell(response, request);
      hasFailed = true;
      behaviour(response, request);
    };
    for (const upstream of both) upstream.behave(failOnce);
    const answer = await started.ask({ stream });
    expect([answer.status, answer.error]).toEqual([200, undefined]);
    expect(both.map(({ seen }) => seen.length)).toEqual([1, 1]);
    expect(await started.gateway.metrics.render()).toMatch(/^hxp_gateway_retries_total\{[^}]*\} 1$/m);
    expect(await started.ledger()).toMatchObject({ outcome: "completed", completionTokens: 2 });
  });

  test("flapping: an upstream that fails every other request is tried again, after a pause", async () => {
    const started = await startUnderFault({ settings: { retries } });
    for (let round = 1; round <= 3; round++) {
      started.upstream.behave(round % 2 === 0 ? reset : refuse(500), answerWell);
      const answer = await started.ask({ stream });
      expect([answer.status, answer.error]).toEqual([200, undefined]);
      expect(await started.ledger(round)).toMatchObject({
        outcome: "completed",
        completionTokens: 2,
        countedBy: "engine",
      });
    }
    expect(started.upstream.seen).toHaveLength(6);
    await expectNoLeak(started);
  });

  test("an upstream that asks to wait is waited for, if that is not long", async () => {
    const started = await startUnderFault({ settings: { retries } });
    const times: number[] = [];
    started.upstream.behave(
      (...seen) => {
        times.push(performance.now());
        refuse(503, { "retry-after-ms": "300" })(...seen);
      },
      (...seen) => {
        times.push(performance.now());
        answerWell(...seen);
      },
    );
    expect((await started.ask({ stream })).status).toBe(200);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(295);
  });

  test("an upstream that asks for a long wait is not asked again", async () => {
    const started = await startUnderFault({ settings: { retries } });
    started.upstream.behave(refuse(429, { "retry-after": "60" }));
    const { status, headers } = await started.ask({ stream });
    expect([status, headers.get("retry-after")]).toEqual([503, "60"]);
    expect(started.upstream.seen).toHaveLength(1);
  });

  test("attempts are bounded, and each has an id of its own on the upstream", async () => {
    const started = await startUnderFault({ settings: { retries } });
    started.upstream.behave(refuse(500));
    const { status, headers } = await started.ask({ stream });
    expect(status).toBe(502);
    const id = headers.get("x-request-id");
    expect(started.upstream.seen.map((seen) => seen.headers["x-request-id"])).toEqual([id, `${id}-2`, `${id}-3`]);
    await expectNoLeak(started);
  });

  test("a request that the engine refuses is not tried again", async () => {
    const started = await startUnderFault({ settings: { retries }, others: 1 });
    for (const upstream of [started.upstream, ...started.others]) upstream.behave(refuse(400));
    expect((await started.ask({ stream })).status).toBe(400);
    expect(started.upstream.seen.length + (started.others[0]?.seen.length ?? 0)).toBe(1);
  });

  test("a model that cannot answer is replaced by its fallback, and the ledger says by whom", async () => {
    const started = await startUnderFault({ settings: { retries }, others: 1, fallback: true });
    started.upstream.behave(refuse(500));
    const answer = await started.ask({ stream });
    expect([answer.status, answer.error]).toEqual([200, undefined]);
    expect(answer.headers.get("x-hxp-route")).toMatch(/^spare\/0;.*attempt=2/);
    expect(started.others[0]?.seen[0]?.body["model"]).toBe("spare");
    expect(await started.ledger()).toMatchObject({ model: "guide", servedBy: "spare/0", outcome: "completed" });
  });
});

test("a stream that failed before its first event is tried again, and the client sees one answer", async () => {
  const started = await startUnderFault({ settings: { retries } });
  started.upstream.behave(
    (response) => void response.writeHead(200, { "content-type": "text/event-stream" }).end(": hello\n\n"),
    (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      sendPiece(response, { error: { message: "not now" } });
    },
    answerWell,
  );
  const { events, error } = await started.ask({ stream: true });
  expect(error).toBeUndefined();
  expect(events).toHaveLength(3);
});

test("after the first byte nothing is tried again", async () => {
  const started = await startUnderFault({ settings: { retries }, others: 1 });
  const cut = begin((response) => response.socket?.destroy());
  for (const upstream of [started.upstream, ...started.others]) upstream.behave(cut);
  expect((await started.ask({ stream: true })).error).toMatchObject({ code: "upstream_cut" });
  expect(started.upstream.seen.length + (started.others[0]?.seen.length ?? 0)).toBe(1);
});

describe("comments while a stream waits", () => {
  const queue = { keepAlive: "30ms" };

  test("are sent until the first token, and are no byte of the answer: another attempt can follow", async () => {
    const started = await startUnderFault({
      settings: { retries, queue, timeouts: { firstToken: "300ms", answer: "300ms" } },
    });
    started.upstream.behave(silence, (response, request) => {
      setTimeout(() => answerWell(response, request), 100);
    });
    const { status, text, events, error, headers } = await started.ask({ stream: true });
    expect([status, error]).toEqual([200, undefined]);
    expect(text).toMatch(/^(: keep-alive\n\n){3,}data: \{/);
    expect(text.slice(text.indexOf("data:"))).not.toContain("keep-alive");
    expect(events.at(-1)).toBe("[DONE]");
    expect(headers.get("x-request-id")).toMatch(/./);
    expect(started.upstream.seen).toHaveLength(2);
  });

  test("make errors be told in the stream", async () => {
    const started = await startUnderFault({ settings: { queue, timeouts: { firstToken: "200ms", answer: "200ms" } } });
    started.upstream.behave(silence);
    const { status, error, text } = await started.ask({ stream: true });
    expect(status).toBe(200);
    expect(error).toMatchObject({ code: "upstream_timeout", retryable: true });
    expect(text).not.toContain("[DONE]");
    expect(await started.ledger()).toMatchObject({ outcome: "failed", error: "UPSTREAM_TIMEOUT" });
    await expectNoLeak(started);
  });

  test("are not sent to who waits for an answer that is no stream", async () => {
    const started = await startUnderFault({ settings: { queue } });
    started.upstream.behave((response, request) => void setTimeout(() => answerWell(response, request), 150));
    const { status, text } = await started.ask();
    expect(status).toBe(200);
    expect(text).toMatch(/^\{/);
  });
});

test("the whole time of a request is bounded, in a stream that never ends", async () => {
  const started = await startUnderFault({ settings: { timeouts: { total: "500ms" } } });
  started.upstream.behave((response) => {
    beginStream(response);
    const timer = setInterval(() => sendPiece(response, { choices: [{ index: 0, delta: { content: "x" } }] }), 20);
    response.once("close", () => clearInterval(timer));
  });
  const { error } = await started.ask({ stream: true });
  expect(error).toMatchObject({ code: "request_timeout", retryable: true });
  await started.upstream.seen[0]?.aborted;
  await expectNoLeak(started);
});

test("at the end of a drain, a stream ends with server_draining and its usage so far", async () => {
  const started = await startUnderFault();
  started.upstream.behave((response) => beginStream(response));
  const response = await started.send({ stream: true });
  const drained = started.gateway.drain({ signal: AbortSignal.timeout(100) });
  const text = await response.text();
  const [, error = "{}"] = text.match(/^data: (\{"error".*)$/m) ?? [];
  expect(JSON.parse(error)).toMatchObject({
    error: { code: "server_draining", retryable: true, usage: { completion_tokens: 1 } },
  });
  expect(text).not.toContain("[DONE]");
  await drained;
  expect(await started.ledger()).toMatchObject({ outcome: "failed", error: "SERVER_DRAINING", completionTokens: 1 });
});
