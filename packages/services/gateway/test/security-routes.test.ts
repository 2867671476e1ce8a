import { describe, expect, test } from "vitest";
import { makeKey } from "@hxp/gateway";
import { routes, unsupportedPaths } from "../src/server/routes.ts";
import { chat, startGateway } from "../src/testing/start-gateway.ts";

const paths = routes.map(({ method, path }) => ({ method, path: path.replace(/\{\w+\}/, "0123456789abcdef") }));
const wrongKeys = [
  null,
  "",
  "sk-1234567890",
  makeKey(),
  `hxp_${"0".repeat(16)}_${"0".repeat(43)}`,
  `HXP_${"0".repeat(16)}_${"0".repeat(43)}`,
  `hxp_${"é".repeat(16)}`,
];

describe("without a valid key", () => {
  test("every registered route is 401, whatever stands for the key", async () => {
    const { ask, address, engine } = await startGateway();
    expect(paths.length).toBeGreaterThanOrEqual(11);
    for (const { method, path } of paths) {
      for (const as of wrongKeys) {
        const headers = as === null ? {} : { authorization: encodeURI(`Bearer ${as}`) };
        const body = method === "POST" ? JSON.stringify(chat) : null;
        const answer = await fetch(`${address}${path}`, { method, headers, body });
        expect([answer.status, path, as]).toEqual([401, path, as]);
        expect(await answer.json()).toMatchObject({
          error: { type: "invalid_request_error", param: null, code: "invalid_api_key" },
        });
        expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      }
    }
    expect((await ask("/v1/models")).status).toBe(200);
    expect(engine.seen).toEqual([]);
  });

  test.each([
    "/",
    "/metrics",
    "/livez",
    "/v1",
    "/v1/",
    "/v1/responses",
    "/v1/completions/",
    "/V1/models",
    "//v1/models",
    "/v1/../v1/models",
    "/v1/models?key=1",
    "/admin",
    "/internal/usage/1",
    "/v1/chat/completions/../../models",
    "/favicon.ico",
  ])("nobody learns whether %s exists", async (path) => {
    const { send } = await startGateway();
    for (const method of ["GET", "POST", "HEAD", "OPTIONS", "DELETE", "PUT", "PATCH", "TRACE"]) {
      const head = `${method} ${path} HTTP/1.1\r\nhost: a\r\norigin: https://evil.example\r\nconnection: close\r\n\r\n`;
      const answer = await send(head);
      expect(answer).toMatch(/^HTTP\/1\.1 401 /);
      expect(answer).not.toMatch(/access-control/i);
    }
  });

  test("the answer to a key that does not exist and to a wrong secret is the same", async () => {
    const { ask, key } = await startGateway();
    const wrong = `${key.slice(0, -1)}${key.endsWith("A") ? "B" : "A"}`;
    const answers = await Promise.all([makeKey(), wrong].map((as) => ask("/v1/models", { as })));
    const [absent, mistaken] = await Promise.all(answers.map((answer) => answer.text()));
    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
    expect(absent).toBe(mistaken);
  });
});

describe("with a valid key", () => {
  test("what OpenAI has and this server has not is 501 in OpenAI's shape", async () => {
    const { ask } = await startGateway();
    for (const family of unsupportedPaths) {
      const answer = await ask(`/v1/${family}`, { body: {} });
      expect([answer.status, answer.headers.get("x-should-retry")]).toEqual([501, "false"]);
      expect(await answer.json()).toMatchObject({ error: { code: "unsupported_endpoint", param: null } });
    }
  });

  test("every other path is 404, and a wrong method 405 with what is allowed", async () => {
    const { ask } = await startGateway();
    for (const path of ["/", "/v1", "/v1/models/", "/v1/chat/completions/x", "/v1/%6dodels", "/admin/v1/keys/x/y"]) {
      expect([path, (await ask(path)).status]).toEqual([path, 404]);
    }
    const answer = await ask("/v1/chat/completions");
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
    expect((await ask("/v1/models", { method: "DELETE" })).headers.get("allow")).toBe("GET");
  });

  test("the admin API is closed to a key that is no administrator's", async () => {
    const { ask, audited } = await startGateway();
    for (const { method, path } of paths.filter(({ path: each }) => each.startsWith("/admin/"))) {
      const answer = await ask(path, { method, ...(method === "POST" ? { body: {} } : {}) });
      expect([answer.status, path]).toEqual([403, path]);
    }
    expect(audited.map(({ event, outcome }) => [event, outcome])).toContainEqual(["access.denied", "denied"]);
  });

  test("a key sees and uses only the models and endpoints of its scope", async () => {
    const [scoped, chatOnly] = [makeKey(), makeKey()];
    const keys = [
      { key: scoped, models: ["other"] },
      { key: chatOnly, endpoints: ["chat" as const] },
    ];
    const { ask, engine, audited } = await startGateway({ keys });
    const listed = await (await ask("/v1/models", { as: scoped })).json();
    expect(listed).toMatchObject({ object: "list", data: [{ id: "other", object: "model" }] });
    expect((await ask("/v1/models/guide", { as: scoped })).status).toBe(404);
    const answer = await ask("/v1/chat/completions", { as: scoped, body: chat });
    expect(answer.status).toBe(404);
    const refused = await answer.text();
    expect(JSON.parse(refused)).toMatchObject({ error: { code: "model_not_found" } });
    const absent = await ask("/v1/chat/completions", { as: scoped, body: { ...chat, model: "absent" } });
    expect(await absent.text()).toBe(refused.replaceAll("guide", "absent"));
    await expect
      .poll(() => audited.map(({ target, details }) => [target, details?.["reason"]]))
      .toEqual([
        ["readModel", "model"],
        ["chat", "model"],
      ]);
    expect((await ask("/v1/embeddings", { as: chatOnly, body: { model: "guide", input: "a" } })).status).toBe(403);
    expect((await ask("/v1/models", { as: chatOnly })).status).toBe(403);
    expect(engine.seen).toEqual([]);
    expect((await ask("/v1/chat/completions", { as: chatOnly, body: chat })).status).toBe(200);
  });
});
