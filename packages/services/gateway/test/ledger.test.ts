import { setTimeout as sleep } from "node:timers/promises";
import type { ServerResponse } from "node:http";
import { expect, test, vi } from "vitest";
import { type Behaviour, refuse, sendJson, sendPiece, wholeAnswer } from "./hostile-upstream.ts";
import { startUnderFault, type UnderFault } from "./start-under-fault.ts";

/** The same numbers for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Counted {
  prompt: number;
  completion: number;
}

/** An engine that counts what it computes, and ends each request as chance has it. */
function createCountingEngine({ upstream }: UnderFault, random: () => number) {
  const counted = new Map<string, Counted>();
  const behave: Behaviour = (response, request) => {
    const { headers, body } = request;
    const id = String(headers["x-request-id"]);
    const fate = random();
    // An engine does not begin for somebody who has left already.
    if (response.destroyed) return;
    if (fate < 0.07) return refuse(500)(response, request);
    if (fate < 0.15) return refuse(503, { "retry-after-ms": "10" })(response, request);
    const count = { prompt: 5, completion: 0 };
    counted.set(id, count);
    const usage = () => ({
      prompt_tokens: count.prompt,
      completion_tokens: count.completion,
      total_tokens: count.prompt + count.completion,
    });
    const tell = (ended: boolean) => upstream.tell(id, { ...usage(), ended });
    tell(false);
    response.once("close", () => tell(true));
    const step = (): void => {
      if (response.destroyed) return;
      count.completion += 1;
      tell(false);
      if (fate < 0.3 && count.completion > fate * 20) return void response.socket?.resetAndDestroy();
      // It says nothing more, until a time out.
      if (fate < 0.35) return;
      if (count.completion >= 8) return end(response, body["stream"] === true, usage());
      if (body["stream"] === true) {
        if (!response.headersSent) response.writeHead(200, { "content-type": "text/event-stream" });
        sendPiece(response, { choices: [{ index: 0, delta: { content: "x" }, finish_reason: null }], usage: usage() });
      }
      setTimeout(step, random() * 8);
    };
    setTimeout(step, random() * 8);
  };
  return { counted, behave };
}

function end(response: ServerResponse, stream: boolean, usage: object): void {
  if (!stream) return sendJson(response, { ...wholeAnswer, usage });
  if (!response.headersSent) response.writeHead(200, { "content-type": "text/event-stream" });
  sendPiece(response, { choices: [{ index: 0, delta: {}, finish_reason: "stop" }], usage });
  sendPiece(response, { choices: [], usage });
  response.end("data: [DONE]\n\n");
}

test.each([1, 2, 3])(
  "however requests end, nothing is left in flight and the ledger equals what the engine counted (seed %i)",
  async (seed) => {
    const random = seeded(seed);
    const started = await startUnderFault({
      limits: {},
      target: { continuousUsage: true, usageById: true, maxConcurrency: 8 },
      settings: {
        retries: { attempts: 3, backoff: "1ms", maxBackoff: "50ms" },
        timeouts: { firstToken: "500ms", answer: "500ms", idle: "500ms" },
        breaker: { failures: 10_000 },
        // The clients here open connections on which nothing ever comes.
        drain: { deadline: "1s" },
      },
    });
    const { counted, behave } = createCountingEngine(started, random);
    started.upstream.behave(behave);
    const requests = 60;
    const one = async (): Promise<void> => {
      const controller = new AbortController();
      const leaves = random() < 0.35;
      if (leaves) setTimeout(() => controller.abort(), random() * 60);
      const asked = started.send({ stream: random() < 0.6, signal: controller.signal }).then((answer) => answer.text());
      await asked.catch((error: unknown) => {
        if (!leaves) throw error;
      });
    };
    const all: Promise<void>[] = [];
    for (let index = 0; index < requests; index++) {
      all.push(one());
      await sleep(random() * 10);
    }
    await Promise.all(all);
    const metric = /^hxp_gateway_requests_in_flight (\d+)$/m;
    await vi.waitFor(async () => expect((await started.gateway.metrics.render()).match(metric)?.[1]).toBe("0"), {
      timeout: 30_000,
    });
    await started.gateway.close();
    const records = started.records();
    const sum = { prompt: 0, completion: 0 };
    for (const { promptTokens, completionTokens } of records) {
      sum.prompt += promptTokens;
      sum.completion += completionTokens;
    }
    const engine = { prompt: 0, completion: 0 };
    for (const { prompt, completion } of counted.values()) {
      engine.prompt += prompt;
      engine.completion += completion;
    }
    expect(sum).toEqual(engine);
    expect(records.filter(({ outcome }) => outcome === "completed").length).toBeGreaterThan(0);
    expect(records.filter(({ outcome }) => outcome !== "completed").length).toBeGreaterThan(0);
    expect(started.upstream.open()).toBe(0);
  },
);
