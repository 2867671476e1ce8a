import { describe, expect, test, vi } from "vitest";
import { chat, startGateway, type TestGateway } from "../src/testing/start-gateway.ts";

const head = (key: string, ...headers: string[]): string =>
  ["POST /v1/chat/completions HTTP/1.1", "host: a", `authorization: Bearer ${key}`, ...headers, "", ""].join("\r\n");

const json = "content-type: application/json";

function nested(depth: number): string {
  return `{"model":"guide","messages":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;
}

async function codeOf(answer: Response): Promise<string> {
  const { error } = (await answer.json()) as { error: { code: string } };
  return error.code;
}

describe("a body", () => {
  test("that announces more than the limit is 413 before it is sent", async () => {
    const { send, key, engine } = await startGateway({ settings: { body: { maxBytes: 2048 } } });
    const answer = await send(head(key, json, "content-length: 2049"), /\}\}$/);
    expect(answer).toMatch(/^HTTP\/1\.1 413 .*"code":"body_too_large"/s);
    expect(engine.seen).toEqual([]);
  });

  test("that grows beyond the limit in pieces is 413", async () => {
    const { send, key } = await startGateway({ settings: { body: { maxBytes: 2048 } } });
    const pieces = `400\r\n${"x".repeat(1024)}\r\n`.repeat(3);
    const answer = await send(`${head(key, json, "transfer-encoding: chunked")}${pieces}`, /\}\}$/);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  test("at the limit is taken", async () => {
    const { ask } = await startGateway({ settings: { body: { maxBytes: 2048 } } });
    const empty = JSON.stringify({ ...chat, user: "" }).length;
    expect((await ask("/v1/chat/completions", { body: { ...chat, user: "u".repeat(2048 - empty) } })).status).toBe(200);
  });

  test("that does not come in time is 408, and its connection ends", async () => {
    const { send, key } = await startGateway({ settings: { body: { timeout: "200ms" } } });
    const answer = await send(`${head(key, json, "content-length: 100")}{`);
    expect(answer).toMatch(/^HTTP\/1\.1 408 .*"code":"body_timeout"/s);
  });

  test("of a client that leaves is forgotten", async () => {
    const { send, key, gateway } = await startGateway();
    await send(`${head(key, json, "content-length: 100", "expect: 100-continue")}{`, /100 Continue/);
    await vi.waitFor(() => expect(gateway.progress?.()).toEqual({ pending: 0, done: 1 }), 10_000);
  });

  test("is not asked for when the key is wrong", async () => {
    const { send } = await startGateway();
    const answer = await send(head("x", json, "content-length: 100", "expect: 100-continue"), /\}\}$/);
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });

  test.each([
    ["no type", ""],
    ["a form", "content-type: application/x-www-form-urlencoded"],
    ["text, which browsers send without asking", "content-type: text/plain"],
    ["another charset", "content-type: application/json; charset=utf-16"],
    ["a compressed bomb", `${json}\r\ncontent-encoding: gzip`],
  ])("with %s is 415", async (_, type) => {
    const { send, key } = await startGateway();
    const headers = [...(type === "" ? [] : [type]), "content-length: 2"];
    expect(await send(`${head(key, ...headers)}{}`, /\}\}$/)).toMatch(/^HTTP\/1\.1 415 /);
  });
});

describe("JSON", () => {
  test("as deep as the limit is taken, one deeper is 400, and a bomb costs next to nothing", async () => {
    const { ask, engine } = await startGateway({ settings: { body: { maxDepth: 20 } } });
    expect((await ask("/v1/chat/completions", { body: nested(20) })).status).toBe(200);
    for (const depth of [21, 1_000_000]) {
      const answer = await ask("/v1/chat/completions", { body: nested(depth) });
      expect([answer.status, await codeOf(answer)]).toEqual([400, "invalid_request"]);
    }
    expect(engine.seen).toHaveLength(1);
  });

  test("brackets in texts are no depth", async () => {
    const { ask } = await startGateway({ settings: { body: { maxDepth: 4 } } });
    const content = `${'["\\'.repeat(50)}${"{".repeat(50)}`;
    const answer = await ask("/v1/chat/completions", { body: { ...chat, messages: [{ role: "user", content }] } });
    expect(answer.status).toBe(200);
  });

  test.each([
    ["nothing", ""],
    ["half of an object", '{"model":"guide"'],
    ["a list", "[]"],
    ["null", "null"],
    ["a text", '"guide"'],
    ["an open text", '{"model":"gui'],
    ["a byte order mark", '\uFEFF{"model":"guide"}'],
    ["a number that is none", '{"model":"guide","n":NaN}'],
    ["two models", '{"model":"guide","messages":[],"model":"other"}'],
    ["two models, one spelled with an escape", String.raw`{"model":"guide","messages":[],"mod\u0065l":"other"}`],
    ["a prototype", '{"model":"guide","messages":[],"__proto__":{"stream":true}}'],
    ["a prototype in depth", '{"model":"guide","messages":[{"__proto__":{"role":"user"}}]}'],
    ["a prototype with escapes", String.raw`{"model":"guide","messages":[{"\u005f\u005fproto__":{}}]}`],
    ["no model", '{"messages":[]}'],
    ["a model that is no text", '{"model":["guide"],"messages":[]}'],
    ["a stream that is no boolean", '{"model":"guide","messages":[],"stream":"yes"}'],
    ["a negative limit", '{"model":"guide","messages":[],"max_tokens":-1}'],
    ["an endless limit", '{"model":"guide","messages":[],"max_tokens":1e300}'],
    ["too many choices", '{"model":"guide","messages":[],"n":1e9}'],
  ])("with %s is 400 and reaches no engine", async (_, body) => {
    const { ask, engine, gateway } = await startGateway();
    const headers = { "content-type": "application/json" };
    const answer = await ask("/v1/chat/completions", { method: "POST", body, headers });
    expect([answer.status, await codeOf(answer)]).toEqual([400, "invalid_request"]);
    expect(engine.seen).toEqual([]);
    expect(gateway.progress?.()).toMatchObject({ pending: 0 });
    expect(({} as Record<string, unknown>)["stream"]).toBeUndefined();
  });

  test("a message about __proto__ is taken", async () => {
    const { ask, engine } = await startGateway();
    const messages = [{ role: "user", content: 'What is "__proto__"?' }];
    expect((await ask("/v1/chat/completions", { body: { model: "guide", messages } })).status).toBe(200);
    expect(engine.seen[0]?.body["messages"]).toEqual(messages);
  });

  test("names of what every object has are no fields", async () => {
    const { ask, engine } = await startGateway();
    const body = { ...chat, constructor: 1, toString: 2, hasOwnProperty: 3 };
    expect((await ask("/v1/chat/completions", { body })).status).toBe(200);
    expect(engine.seen[0]?.body).toMatchObject({ constructor: 1, toString: 2 });
  });
});

test("a connection is of use after an error: the next request on it is answered", async () => {
  const { send, key }: TestGateway = await startGateway();
  const bad = `${head(key, json, "content-length: 2")}{]`;
  const good = `GET /v1/models HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${key}\r\nconnection: close\r\n\r\n`;
  expect(await send(`${bad}${good}`)).toMatch(/^HTTP\/1\.1 400 .*HTTP\/1\.1 200 .*"guide"/s);
});
