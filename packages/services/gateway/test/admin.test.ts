import { describe, expect, test, vi } from "vitest";
import { HxpError } from "@hxp/errors";
import { makeKey } from "@hxp/gateway";
import { chat, startGateway, type TestGateway } from "../src/testing/start-gateway.ts";

interface ShownKey {
  id: string;
  key: string;
  name: string;
  revokedAt?: string;
}

async function ask(
  { ask: send, adminKey }: TestGateway,
  path: string,
  body?: object,
): Promise<{ status: number; body: ShownKey }> {
  const answer = await send(`/admin/v1${path}`, { as: adminKey, ...(body === undefined ? {} : { body }) });
  return { status: answer.status, body: (await answer.json()) as ShownKey };
}

describe("the admin API", () => {
  test("makes a key that works, shows it once, rotates it with an overlap, and revokes it", async () => {
    const world = await startGateway();
    const statusOf = async (key: string): Promise<number> =>
      (await world.ask("/v1/chat/completions", { as: key, body: chat })).status;
    const limits = { requestsPerMinute: 100 };
    const made = await ask(world, "/keys", { name: "ci", owner: "ops", team: "search", models: ["guide"], limits });
    expect(made).toMatchObject({ status: 201, body: { name: "ci", team: "search", models: ["guide"], limits } });
    expect(await statusOf(made.body.key)).toBe(200);

    const { id } = made.body;
    const shown = await ask(world, `/keys/${id}`);
    expect(shown).toMatchObject({ status: 200, body: { id, name: "ci" } });
    expect(shown.body).not.toHaveProperty("key");

    const rotated = await ask(world, `/keys/${id}/rotate`, { overlapSeconds: 600 });
    expect(rotated.body.key).not.toBe(made.body.key);
    expect([await statusOf(made.body.key), await statusOf(rotated.body.key)]).toEqual([200, 200]);
    const replaced = await ask(world, `/keys/${id}/rotate`, { overlapSeconds: 0 });
    expect([await statusOf(rotated.body.key), await statusOf(replaced.body.key)]).toEqual([401, 200]);

    const revoked = await world.ask(`/admin/v1/keys/${id}/revoke`, { as: world.adminKey, method: "POST" });
    expect(revoked.status).toBe(200);
    expect(await statusOf(replaced.body.key)).toBe(401);
    expect((await ask(world, `/keys/${id}/rotate`, {})).status).toBe(409);
  });

  test("lists keys in pages, without anything that a secret could be guessed from", async () => {
    const world = await startGateway({ keys: Array.from({ length: 5 }, () => makeKey()) });
    const seen: string[] = [];
    let after = "";
    for (let more = true; more;) {
      const answer = await world.ask(`/admin/v1/keys?limit=3&after=${after}`, { as: world.adminKey });
      const page = (await answer.json()) as { data: ShownKey[]; has_more: boolean };
      seen.push(...page.data.map(({ id }) => id));
      after = seen.at(-1) ?? "";
      more = page.has_more;
      expect(JSON.stringify(page)).not.toMatch(/hash/i);
    }
    expect(new Set(seen).size).toBe(7);
    expect(seen).toEqual(seen.toSorted());
  });

  test("sums usage up by key, team and model", async () => {
    const world = await startGateway({
      model: { price: { input: 1_000_000, output: 2_000_000 } },
      settings: { usage: { interval: "10ms" } },
    });
    await (await world.ask("/v1/chat/completions", { body: chat })).text();
    await (await world.ask("/v1/chat/completions", { body: { ...chat, stream: true } })).text();
    const id = world.key.slice(4, 20);
    await vi.waitFor(async () => {
      const answer = await world.ask("/admin/v1/usage?by=key", { as: world.adminKey });
      expect(await answer.json()).toMatchObject({
        by: "key",
        data: [{ group: id, requests: 2, promptTokens: 10, completionTokens: 4, cost: 18 }],
      });
    }, 10_000);
  });

  test.each([
    ["nothing", {}, "name", "name is missing; expected a text."],
    ["no owner", { name: "a" }, "owner", "owner is missing; expected a text."],
    [
      "an owner without a letter",
      { name: "a", owner: "" },
      "owner",
      "owner is not valid; expected a text that is not empty.",
    ],
    ["an unknown field", { secret: "c" }, "secret", "secret is a field that this request does not have."],
    ["a hash of one's own", { hash: "0".repeat(64) }, "hash", "hash is a field that this request does not have."],
    [
      "a team that is no name",
      { team: "../x" },
      "team",
      expect.stringMatching(/^team is not valid; expected a text that/),
    ],
    [
      "an endpoint that is none",
      { endpoints: ["files"] },
      "endpoints.0",
      "endpoints.0 is not valid; expected one of chat, completions, embeddings, models.",
    ],
    [
      "a negative limit",
      { limits: { concurrency: -1 } },
      "limits.concurrency",
      "limits.concurrency is not valid; expected at least 0.",
    ],
    [
      "half a request a minute",
      { limits: { requestsPerMinute: 0.5 } },
      "limits.requestsPerMinute",
      "limits.requestsPerMinute is not valid; expected a whole number.",
    ],
    ["an answer that is none", { admin: "yes" }, "admin", "admin is not valid; expected true or false."],
    [
      "a time that is none",
      { expiresAt: "tomorrow" },
      "expiresAt",
      "expiresAt is not valid; expected a time in UTC, such as 2026-01-31T12:00:00Z.",
    ],
  ])("refuses a key with %s, naming the field and what was expected", async (_, body, param, message) => {
    const world = await startGateway();
    const isNamed = "name" in body || Object.keys(body).length === 0;
    const refused = await ask(world, "/keys", isNamed ? body : { name: "a", owner: "b", ...body });
    expect(refused).toMatchObject({ status: 400, body: { error: { code: "invalid_request", param, message } } });
    expect(world.audited).toEqual([]);
  });

  test("answers 404 for a key that is not there, and 400 for a query that is none", async () => {
    const world = await startGateway();
    expect((await ask(world, "/keys/0000000000000000")).status).toBe(404);
    expect((await ask(world, "/keys?limit=0")).status).toBe(400);
    expect((await ask(world, "/usage?by=owner")).status).toBe(400);
    expect((await ask(world, "/usage?since=yesterday")).status).toBe(400);
  });
});

describe("the audit log", () => {
  test("has each act before and after it is done, with who did it", async () => {
    const world = await startGateway();
    const made = await ask(world, "/keys", { name: "ci", owner: "ops" });
    await ask(world, `/keys/${made.body.id}/revoke`, {});
    const actor = world.adminKey.slice(4, 20);
    const target = made.body.id;
    expect(world.audited).toMatchObject([
      { event: "key.create.requested", actor, target, outcome: "done", details: { name: "ci", owner: "ops" } },
      { event: "key.create", actor, target, outcome: "done" },
      { event: "key.revoke.requested", actor, target, outcome: "done" },
      { event: "key.revoke", actor, target, outcome: "done" },
    ]);
  });

  test("stops an act that it cannot hold", async () => {
    const append = async (): Promise<never> => {
      throw new HxpError("STORAGE_FULL", "No space left in /var/log/hxp.");
    };
    const world = await startGateway({ options: { audit: { append } } });
    const refused = await ask(world, "/keys", { name: "ci", owner: "ops" });
    expect(refused).toMatchObject({ status: 500, body: { error: { code: "internal_error" } } });
    expect(JSON.stringify(refused.body)).not.toContain("/var/log");
    const listed = await world.ask("/admin/v1/keys", { as: world.adminKey });
    expect(((await listed.json()) as { data: unknown[] }).data).toHaveLength(2);
  });

  test("has denied accesses, and a flood of them as a few lines with counts", async () => {
    const world = await startGateway();
    const floods = Array.from({ length: 300 }, () => world.ask("/v1/models", { as: null }));
    for (const answer of await Promise.all(floods)) expect(answer.status).toBe(401);
    await (await world.ask("/v1/models", { as: makeKey() })).text();
    await world.gateway.close();
    const counts = world.audited.map(({ details }) => [details?.["reason"], details?.["count"]]);
    expect(counts).toEqual([
      ["missing", 1],
      ["unknown", 1],
      ["missing", 299],
    ]);
    expect(world.lines.filter((line) => line.includes("accessDenied"))).toHaveLength(3);
  });

  test("is needed: without one, keys are read but not changed", async () => {
    const world = await startGateway({ options: { audit: undefined } });
    expect((await ask(world, "/keys", { name: "ci", owner: "ops" })).status).toBe(501);
    expect((await ask(world, "/keys")).status).toBe(200);
  });
});
