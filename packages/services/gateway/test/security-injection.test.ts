import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { makeKey } from "@hxp/gateway";
import { chat, startGateway } from "../src/testing/start-gateway.ts";

const hostile = [
  "../../etc/passwd",
  "guide\r\nx-injected: 1",
  'guide\n{"level":"fatal","message":"forged"}',
  "guide\u0000",
  "\u001B[2Jguide",
  "guide'; DROP TABLE keys;--",
  "http://169.254.169.254/latest/meta-data",
  "__proto__",
  "constructor",
  "toString",
  "guide\u202Eediug",
  "${env:HOME}",
  "%s%s%n",
  "<script>alert(1)</script>",
  "g".repeat(10_000),
];

/** Every line is one JSON object; nobody's text begins a line of its own. */
function expectWholeLines(lines: readonly string[]): void {
  for (const line of lines) {
    expect(line.indexOf("\n")).toBe(line.length - 1);
    expect(JSON.parse(line)).toMatchObject({ service: "test", level: expect.not.stringMatching("fatal") });
  }
}

describe("a hostile name", () => {
  test.each(hostile)("of a model, %j, is only a model that is not there", async (model) => {
    const { ask, engine, lines, gateway } = await startGateway();
    const answer = await ask("/v1/chat/completions", { body: { ...chat, model } });
    expect([answer.status, answer.headers.get("x-injected")]).toEqual([404, null]);
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ error: { code: "model_not_found", param: "model" } });
    expect(text.length).toBeLessThan(1000);
    expect((await ask(`/v1/models/${encodeURIComponent(model)}`)).status).toBe(404);
    expect(engine.seen).toEqual([]);
    expectWholeLines(lines);
    expect(await gateway.metrics.render()).not.toContain(JSON.stringify(model).slice(1, -1));
  });

  test.each(hostile)("of a key, %j, is only a key that is not there", async (id) => {
    const { ask, adminKey, lines } = await startGateway();
    for (const path of [`/admin/v1/keys/${encodeURIComponent(id)}`, `/admin/v1/keys?after=${encodeURIComponent(id)}`]) {
      const { status } = await ask(path, { as: adminKey });
      expect([200, 400, 404]).toContain(status);
    }
    const revoked = await ask(`/admin/v1/keys/${encodeURIComponent(id)}/revoke`, { as: adminKey, method: "POST" });
    expect(revoked.status).toBe(404);
    expectWholeLines(lines);
  });

  test.each(hostile)("as a new key's name, %j, is kept as it is or refused", async (name) => {
    const { ask, adminKey, lines, audited } = await startGateway();
    const made = await ask("/admin/v1/keys", { as: adminKey, body: { name, owner: name } });
    expect(made.status).toBe(name.length > 200 ? 400 : 201);
    if (made.status === 201) expect(await made.json()).toMatchObject({ name, owner: name });
    expectWholeLines(lines);
    for (const event of audited) expect(JSON.stringify(event)).not.toContain("\n");
  });

  test("in a path does not break a line of the log", async () => {
    const { send, ask, key, lines } = await startGateway();
    await send(`GET /v1/models/%0A%7B%22level%22 HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${key}\r\n\r\n`, /\}\}$/);
    expect((await ask("/v1/models/%E0%A4%A")).status).toBe(404);
    expectWholeLines(lines);
  });
});

test("no request makes the gateway speak to another address than its config says", async () => {
  const other = createServer((_, response) => response.end("{}"));
  other.listen(0, "127.0.0.1");
  await once(other, "listening");
  onTestFinished(() => void other.close());
  const visits = vi.fn<() => void>();
  other.on("connection", visits);
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  const { ask, send, key } = await startGateway();
  const headers = {
    "x-portkey-custom-host": url,
    "x-upstream-url": url,
    "x-forwarded-host": url.slice(7),
    forwarded: `host=${url.slice(7)}`,
  };
  const body = { ...chat, api_base: url, base_url: url, upstream: { url }, provider: { url } };
  expect((await ask("/v1/chat/completions", { body, headers })).status).toBe(200);
  await ask(`/v1/models?url=${url}`);
  await send(`GET ${url}/v1/models HTTP/1.1\r\nhost: ${url.slice(7)}\r\nauthorization: Bearer ${key}\r\n\r\n`, /\}\}$/);
  expect(visits).not.toHaveBeenCalled();
});

test("an engine that repeats the gateway's token does not tell it to clients", async () => {
  const token = "upstream-s3cr3t";
  const { ask } = await startGateway({
    upstream: { token: "${env:ENGINE_TOKEN}" },
    options: { variables: { ENGINE_TOKEN: token } },
    answer: (request, response) => {
      const message = `Not for ${request.headers.authorization}.`;
      response.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify({ error: { message } }));
      return true;
    },
  });
  const text = await (await ask("/v1/chat/completions", { body: chat })).text();
  expect(text).toContain("Not for");
  expect(text).not.toContain(token);
});

test("no secret is in logs, metrics, errors, audit or admin answers", async () => {
  const token = "engine-token-0123456789";
  const settings = { timeouts: { total: "20s" } };
  const world = await startGateway({
    settings,
    upstream: { token: "${env:ENGINE_TOKEN}" },
    options: { variables: { ENGINE_TOKEN: token } },
    keys: [{ key: makeKey(), name: "another" }],
  });
  const { ask, adminKey, key, lines, audited, gateway, engine } = world;
  const made = (await (await ask("/admin/v1/keys", { as: adminKey, body: { name: "n", owner: "o" } })).json()) as {
    id: string;
    key: string;
  };
  const rotated = (await (
    await ask(`/admin/v1/keys/${made.id}/rotate`, { as: adminKey, body: { overlapSeconds: 60 } })
  ).json()) as { key: string };
  const texts = await Promise.all(
    [
      ask("/v1/models", { as: `${key}x` }),
      ask("/v1/models", { as: `${key.slice(0, -2)}AA` }),
      ask(`/v1/models/${key}`),
      ask(`/v1/${key}`),
      ask("/v1/chat/completions", { body: { ...chat, model: key } }),
      ask("/v1/chat/completions", { body: { ...chat, n: key } }),
      ask("/v1/chat/completions", { body: chat, as: rotated.key }),
      ask("/admin/v1/keys", { as: adminKey }),
      ask(`/admin/v1/keys/${made.id}`, { as: adminKey }),
    ].map(async (answer) => (await answer).text()),
  );
  const said = [...texts, ...lines, JSON.stringify(audited), await gateway.metrics.render()].join("\n");
  expect(engine.seen[0]?.headers.authorization).toBe(`Bearer ${token}`);
  expect(said).toContain(made.id);
  for (const secret of [key, adminKey, made.key, rotated.key]) expect(said).not.toContain(secret.slice(21, 60));
  expect(said).not.toContain(token);
  expect(said).not.toMatch(/"(?:previousH|h)ash"/);
});
