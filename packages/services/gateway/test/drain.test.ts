import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { HxpError } from "@hxp/errors";
import { createFailingStores } from "../src/testing/failing-store.ts";
import { createKey, createMemoryStores, createPepper } from "@hxp/gateway";
import { beginStream, endStream } from "../src/testing/start-engine.ts";
import { chat, startGateway, type TestGateway } from "../src/testing/start-gateway.ts";

const stream = { ...chat, stream: true };

/** An engine whose streams stop in the middle until `finish` is called. */
async function startHalfway(): Promise<TestGateway & { finish: () => void }> {
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  const world = await startGateway({
    answer: async (_, response) => {
      beginStream(response);
      await Promise.race([finished, once(response, "close")]);
      if (!response.destroyed) endStream(response);
      return true;
    },
  });
  return { ...world, finish };
}

async function readPart(answer: Response): Promise<{ rest: () => Promise<string> }> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader?.read())?.value ?? "";
  return {
    rest: async () => {
      for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) text += part.value;
      return text;
    },
  };
}

function abortable(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    abort: () => controller.abort(new HxpError("SERVER_DRAINING", "The server is shutting down.")),
  };
}

describe("a gateway that drains", () => {
  test("finishes what runs, tells clients to close, and takes no new connection", async () => {
    const { gateway, ask, finish } = await startHalfway();
    const part = await readPart(await ask("/v1/chat/completions", { body: stream }));
    const drained = gateway.drain({ signal: abortable().signal });
    expect(gateway.whyUnready?.()).toBe("draining");
    await expect(ask("/v1/models", { headers: { connection: "close" } })).rejects.toThrow("fetch failed");
    finish();
    expect(await part.rest()).toMatch(/lo!.*data: \[DONE\]\n\n$/s);
    expect(await drained).toEqual({ completed: 1, cut: 0, left: 0 });
  });

  test("ends what still runs at the deadline with server_draining, to be tried again, and what was used", async () => {
    const stores = createMemoryStores();
    const secret = "a pepper that is long enough for a test";
    const { key, record } = createKey({ name: "n", owner: "o" }, { pepper: createPepper(secret) });
    await stores.keys.insert(record);
    const { gateway, ask } = await startGateway({
      options: { stores: createFailingStores(stores), pepper: secret },
      answer: async (_, response) => {
        beginStream(response);
        await once(response, "close");
        return true;
      },
    });
    const part = await readPart(await ask("/v1/chat/completions", { body: stream, as: key }));
    const { signal, abort } = abortable();
    const drained = gateway.drain({ signal });
    await sleep(50);
    abort();
    const text = await part.rest();
    const last = text.trimEnd().split("\n\n").at(-1) ?? "";
    expect(JSON.parse(last.replace("data: ", ""))).toMatchObject({
      error: { code: "server_draining", retryable: true, usage: { completion_tokens: expect.any(Number) } },
    });
    expect(text).not.toContain("[DONE]");
    expect(await drained).toMatchObject({ cut: 1 });
    await gateway.close();
    expect(await stores.usage.sum({ by: "model", since: "2020-01-01T00:00:00.000Z" })).toMatchObject([
      { group: "guide", requests: 1 },
    ]);
  });

  test("answers what has not begun with 503 at the deadline", async () => {
    const { gateway, ask } = await startGateway({
      answer: async (_, response) => {
        await once(response, "close");
        return true;
      },
    });
    const asked = ask("/v1/chat/completions", { body: chat });
    await vi.waitFor(() => expect(gateway.progress?.()).toMatchObject({ pending: 1 }), 10_000);
    const { signal, abort } = abortable();
    const drained = gateway.drain({ signal });
    abort();
    const answer = await asked;
    expect([answer.status, answer.headers.get("x-should-retry")]).toEqual([503, "true"]);
    expect(await answer.json()).toMatchObject({ error: { code: "server_draining" } });
    await drained;
  });

  test("says how many requests came to their end and how many were cut, and closes twice without harm", async () => {
    const { gateway, ask, lines } = await startGateway();
    await (await ask("/v1/chat/completions", { body: chat })).text();
    await gateway.close();
    await gateway.close();
    const events = lines.map((line) => JSON.parse(line) as { event: string });
    expect(events.filter(({ event }) => event === "drained")).toMatchObject([{ completed: 0, cut: 0 }]);
  });
});

test("a client that leaves in the middle is accounted as cancelled", async () => {
  const { ask, lines, gateway } = await startHalfway();
  const controller = new AbortController();
  await readPart(await ask("/v1/chat/completions", { body: stream, signal: controller.signal }));
  controller.abort();
  await vi.waitFor(() => expect(gateway.progress?.()).toEqual({ pending: 0, done: 1 }), 10_000);
  const finished = lines.map((line) => JSON.parse(line)).find(({ event }) => event === "requestFinished");
  expect(finished).toMatchObject({ outcome: "cancelled", code: "CLIENT_GONE" });
});
