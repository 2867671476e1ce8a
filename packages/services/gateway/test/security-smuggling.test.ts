import { describe, expect, test, vi } from "vitest";
import { startGateway } from "../src/testing/start-gateway.ts";

const body = '{"model":"guide","messages":[]}';
const hidden = "GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n";

function post(key: string, headers: readonly string[]): string {
  const lines = ["POST /v1/chat/completions HTTP/1.1", "host: a", `authorization: Bearer ${key}`];
  return [...lines, "content-type: application/json", ...headers, "", ""].join("\r\n");
}

describe("a request that two programs could read in two ways", () => {
  test("is told from one that is right, and from the next one on its connection", async () => {
    const { send, key, engine } = await startGateway();
    const answer = await send(`${post(key, [`content-length: ${body.length}`])}${body}${hidden}`, /invalid_api_key/);
    expect(answer).toMatch(/^HTTP\/1\.1 200 .*HTTP\/1\.1 401 /s);
    expect(engine.seen).toHaveLength(1);
  });

  test.each([
    ["two lengths", [`content-length: ${body.length}`, "content-length: 5"]],
    ["the same length twice", [`content-length: ${body.length}`, `content-length: ${body.length}`]],
    ["two lengths in one header", [`content-length: ${body.length}, ${body.length}`]],
    ["a length and chunks", [`content-length: ${body.length}`, "transfer-encoding: chunked"]],
    ["chunks and a length", ["transfer-encoding: chunked", "content-length: 5"]],
    ["a signed length", [`content-length: +${body.length}`]],
    ["a length in hexadecimal", ["content-length: 0x1f"]],
    ["another coding after chunks", ["transfer-encoding: chunked, identity"]],
    ["a coding that is none", ["transfer-encoding: xchunked"]],
    ["a space before the colon", [`content-length : ${body.length}`]],
    ["a bare line feed", [`content-length: ${body.length}`, "x-a: b\nx-c: d\n\n"]],
    ["a null in a header", [`content-length: ${body.length}`, "x-a: b\0c"]],
    ["a bare carriage return", [`content-length: ${body.length}`, "x-a: b\rx-c: d"]],
  ])("%s: one 400, the connection ends, and the engine sees nothing", async (_, headers) => {
    const { send, key, engine } = await startGateway();
    const answer = await send(`${post(key, headers)}${body}${hidden}`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.match(/^HTTP\/1\.1 /gm)).toHaveLength(1);
    expect(JSON.parse(answer.slice(answer.indexOf("{")))).toMatchObject({ error: { code: "invalid_request" } });
    expect(engine.seen).toEqual([]);
  });

  test("two keys: 400, whichever comes first", async () => {
    const { send, key, engine } = await startGateway();
    for (const second of [key, "x"]) {
      const request = post(key, [`content-length: ${body.length}`, `Authorization: Bearer ${second}`]);
      expect(await send(`${request}${body}`, /\}\}$/)).toMatch(/^HTTP\/1\.1 400 /);
    }
    expect(engine.seen).toEqual([]);
  });

  test.each([
    ["no host", `GET /v1/models HTTP/1.1\r\n\r\n`],
    ["two hosts", `GET /v1/models HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n`],
    ["another protocol", "GET /v1/models HTTP/9.9\r\nhost: a\r\n\r\n"],
    ["no HTTP at all", "\x16\x03\x01\x02\0\x01\0\x01\xFC\x03\x03"],
    ["a method that is none", "GE T /v1/models HTTP/1.1\r\nhost: a\r\n\r\n"],
  ])("%s is not served", async (_, text) => {
    const { send } = await startGateway();
    expect(await send(text, /\}\}$/)).toMatch(/^HTTP\/1\.1 4\d\d /);
  });
});

describe("headers", () => {
  test("beyond 16 KiB are 431", async () => {
    const { send } = await startGateway();
    const answer = await send(`GET /v1/models HTTP/1.1\r\nhost: a\r\nx-a: ${"b".repeat(20_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 .*"code":"headers_too_large"/s);
  });

  test("beyond 100 are 431", async () => {
    const { send, key } = await startGateway();
    const many = Array.from({ length: 101 }, (_, index) => `x-${index}: 1`).join("\r\n");
    const request = `GET /v1/models HTTP/1.1\r\nhost: a\r\n${many}\r\nauthorization: Bearer ${key}\r\n\r\n`;
    expect(await send(request, /\}\}$/)).toMatch(/^HTTP\/1\.1 431 /);
  });

  test("of a client do not reach the engine, its key least of all", async () => {
    const { ask, engine, key } = await startGateway();
    const headers = { "x-forwarded-for": "6.6.6.6", cookie: "a=b", "x-request-id": "mine", "openai-organization": "o" };
    const answer = await ask("/v1/chat/completions", {
      body,
      headers: { ...headers, "content-type": "application/json" },
    });
    expect(answer.status).toBe(200);
    const [seen] = engine.seen;
    expect(JSON.stringify(seen?.headers)).not.toMatch(
      new RegExp(`${key.slice(-43)}|6\\.6\\.6\\.6|cookie|"mine"|organization`),
    );
    expect(seen?.headers["x-request-id"]).toBe(answer.headers.get("x-request-id"));
  });

  test("cannot name the request: an id that was used twice would be accounted once", async () => {
    const { ask } = await startGateway();
    const headers = { "x-request-id": "0b5b1f0e-0000-4000-8000-000000000000" };
    const ids = await Promise.all(
      [1, 2].map(async () => (await ask("/v1/models", { headers })).headers.get("x-request-id")),
    );
    expect(new Set([...ids, headers["x-request-id"]]).size).toBe(3);
  });
});

test("upgrades and tunnels are not made", async () => {
  const { send, key, gateway } = await startGateway();
  const as = `host: a\r\nauthorization: Bearer ${key}\r\n`;
  const upgrade = await send(
    `GET /v1/models HTTP/1.1\r\n${as}connection: upgrade\r\nupgrade: websocket\r\n\r\n`,
    /\}\]\}$/,
  );
  expect(upgrade).not.toMatch(/^HTTP\/1\.1 101/);
  expect(await send(`CONNECT 127.0.0.1:22 HTTP/1.1\r\n${as}\r\n`)).not.toMatch(/^HTTP\/1\.1 2/);
  await vi.waitFor(() => expect(gateway.progress?.()).toMatchObject({ pending: 0 }), 10_000);
});
