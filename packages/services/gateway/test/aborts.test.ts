import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, describe, expect, onTestFinished, test, vi } from "vitest";
import {
  begin,
  beginStream,
  engineUsage,
  type HostileRequest,
  refuse,
  sendPiece,
  silence,
} from "./hostile-upstream.ts";
import { expectNoLeak, startUnderFault, type UnderFault } from "./start-under-fault.ts";

/** The goal is 250 ms; the ceiling leaves room for a busy machine. */
const goal = 250;
const ceiling = 5000;
const timesMs: Record<string, number> = {};

/** Leaves, and gives the milliseconds until the upstream saw it. */
async function leave(controller: AbortController, request: HostileRequest, phase: string): Promise<void> {
  const at = performance.now();
  controller.abort();
  const seen = await Promise.race([
    request.aborted,
    new Promise<never>((_, reject) => setTimeout(() => reject(new Error(`${phase}: not aborted`)), ceiling).unref()),
  ]);
  timesMs[phase] = Math.round(seen - at);
}

async function metricsOf({ gateway }: UnderFault): Promise<string> {
  return gateway.metrics.render();
}

describe("a client that leaves ends the upstream's work", () => {
  test.each([false, true])("before the first token, stream %s", async (stream) => {
    const started = await startUnderFault();
    const controller = new AbortController();
    started.upstream.behave(silence);
    const asked = started.send({ stream, signal: controller.signal });
    const request = await started.upstream.arrived(1);
    await Promise.all([
      expect(asked).rejects.toThrow("aborted"),
      leave(controller, request, `before first token ${stream}`),
    ]);
    const record = await started.ledger();
    expect(record).toMatchObject({
      outcome: "cancelled",
      error: "CLIENT_GONE",
      completionTokens: 0,
      countedBy: "estimate",
    });
    expect(record.promptTokens).toBeGreaterThan(0);
    await expectNoLeak(started);
  });

  test("in the middle of a stream, and what was sent is in the ledger", async () => {
    const started = await startUnderFault();
    const controller = new AbortController();
    started.upstream.behave((response) => beginStream(response));
    const response = await started.send({ stream: true, signal: controller.signal });
    await response.body?.getReader().read();
    await leave(controller, await started.upstream.arrived(1), "mid-stream");
    expect(await started.ledger()).toMatchObject({
      outcome: "cancelled",
      completionTokens: 1,
      countedBy: "gateway",
      servedBy: expect.stringMatching(/^guide\//),
    });
    await expectNoLeak(started);
  });

  test("in the middle of an answer that is not a stream", async () => {
    const started = await startUnderFault();
    const controller = new AbortController();
    started.upstream.behave(begin(() => {}));
    const asked = started.send({ signal: controller.signal });
    const request = await started.upstream.arrived(1);
    await Promise.all([expect(asked).rejects.toThrow("aborted"), leave(controller, request, "answering")]);
    expect(await started.ledger()).toMatchObject({ outcome: "cancelled" });
    await expectNoLeak(started);
  });

  test("in the queue: the upstream never sees the request", async () => {
    const started = await startUnderFault({ limits: { concurrency: 2 } });
    const holding = new AbortController();
    const controller = new AbortController();
    started.upstream.behave(silence);
    const held = started.send({ signal: holding.signal });
    const first = await started.upstream.arrived(1);
    const asked = started.send({ signal: controller.signal });
    await vi.waitFor(async () => expect(await metricsOf(started)).toMatch(/requests_waiting\{[^}]*\} 1/), {
      timeout: 30_000,
    });
    controller.abort();
    await expect(asked).rejects.toThrow("aborted");
    const record = await started.ledger();
    expect(record).toMatchObject({ outcome: "cancelled", promptTokens: 0, completionTokens: 0 });
    expect(started.upstream.seen).toHaveLength(1);
    await Promise.all([expect(held).rejects.toThrow("aborted"), leave(holding, first, "holding")]);
    await expectNoLeak(started);
  });

  test("while it waits for another attempt: there is none", async () => {
    const retries = { attempts: 3, backoff: "20s", maxBackoff: "20s" };
    const started = await startUnderFault({ settings: { retries } });
    const controller = new AbortController();
    started.upstream.behave(refuse(500));
    const asked = started.send({ signal: controller.signal });
    await started.upstream.arrived(1);
    await vi.waitFor(async () => expect(await metricsOf(started)).toMatch(/retries_total\{[^}]*\} 1/), {
      timeout: 30_000,
    });
    controller.abort();
    await expect(asked).rejects.toThrow("aborted");
    expect(await started.ledger()).toMatchObject({ outcome: "cancelled", promptTokens: 0 });
    expect(started.upstream.seen).toHaveLength(1);
    await expectNoLeak(started);
  });

  test("while the connection is being made: nothing is sent once it stands", async () => {
    const late = createServer();
    const received: Buffer[] = [];
    late.on("connection", (socket) => socket.on("data", (chunk) => received.push(chunk)).on("error", () => {}));
    late.listen({ port: 0, host: "127.0.0.1", backlog: 1 });
    await once(late, "listening");
    onTestFinished(() => void late.close());
    // TLS is never answered, so that the connection never stands.
    const address = late.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const started = await startUnderFault({ target: { url: `https://127.0.0.1:${port}/v1` } });
    const controller = new AbortController();
    const connected = once(late, "connection");
    const asked = started.send({ signal: controller.signal });
    await connected;
    controller.abort();
    await expect(asked).rejects.toThrow("aborted");
    expect(await started.ledger()).toMatchObject({ outcome: "cancelled", promptTokens: 0, completionTokens: 0 });
    expect(Buffer.concat(received).toString("latin1")).not.toContain("POST");
  });
});

test("the ledger has what the engine told last, where it tells usage in every piece", async () => {
  const started = await startUnderFault({ target: { continuousUsage: true } });
  const controller = new AbortController();
  started.upstream.behave((response, { body }) => {
    expect(body["stream_options"]).toEqual({ include_usage: true, continuous_usage_stats: true });
    response.writeHead(200, { "content-type": "text/event-stream" });
    const choices = [{ index: 0, delta: { content: "several tokens" }, finish_reason: null }];
    sendPiece(response, { choices, usage: { ...engineUsage, completion_tokens: 3 } });
  });
  const response = await started.send({ stream: true, signal: controller.signal });
  const piece = await response.body?.getReader().read();
  expect(new TextDecoder().decode(piece?.value)).not.toContain("usage");
  await leave(controller, await started.upstream.arrived(1), "continuous");
  expect(await started.ledger()).toMatchObject({ promptTokens: 5, completionTokens: 3, countedBy: "engine" });
});

test("the ledger has what the engine tells afterwards, for it generates more than it sends", async () => {
  const started = await startUnderFault({ target: { continuousUsage: true, usageById: true } });
  const controller = new AbortController();
  started.upstream.behave((response) => beginStream(response));
  const response = await started.send({ stream: true, signal: controller.signal });
  await response.body?.getReader().read();
  const { headers, aborted } = await started.upstream.arrived(1);
  const id = String(headers["x-request-id"]);
  started.upstream.tell(id, { ...engineUsage, completion_tokens: 4, ended: false });
  controller.abort();
  await aborted;
  started.upstream.tell(id, {
    ...engineUsage,
    prompt_tokens_details: { cached_tokens: 2 },
    completion_tokens: 6,
    ended: true,
  });
  expect(await started.ledger()).toMatchObject({
    id,
    outcome: "cancelled",
    promptTokens: 5,
    cachedTokens: 2,
    completionTokens: 6,
    countedBy: "engine",
  });
  await expectNoLeak(started);
});

afterAll(() => {
  const slow = Object.entries(timesMs).filter(([, ms]) => ms > goal);
  if (slow.length > 0) console.warn(`slower than ${goal} ms on this machine: ${JSON.stringify(slow)}`);
  console.info(`the upstream saw the client leave after (ms): ${JSON.stringify(timesMs)}`);
});
