import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { createKey, createMemoryStores, createPepper, type KeyRequest, revokeKey } from "@hxp/gateway";
import { createKeyCache } from "../src/authenticate/key-cache.ts";
import { createFailingStores, type FailingStores } from "../src/testing/failing-store.ts";
import { startGateway, type TestGateway } from "../src/testing/start-gateway.ts";

const secret = "a pepper that is long enough for a test";
const pepper = createPepper(secret);

let stores: FailingStores;
beforeEach(() => {
  stores = createFailingStores(createMemoryStores());
});

async function insert(request: Partial<KeyRequest> = {}) {
  const { key, record } = createKey({ name: "n", owner: "o", ...request }, { pepper });
  return { key, record: await stores.keys.insert(record) };
}

function start(options: object = {}, cache: object = {}): Promise<TestGateway> {
  return startGateway({ options: { stores, pepper: secret, ...options }, settings: { keys: { cache } } });
}

async function statusOf({ ask }: TestGateway, as: string): Promise<number> {
  const answer = await ask("/v1/models", { as });
  await answer.text();
  return answer.status;
}

describe("two gateways on one storage", () => {
  // Within 2 s: a second at most until the next reading, and what that takes. Both are counted here, not measured.
  test("both refuse a key that one of them has revoked: that one at once, the other from its next reading on", async () => {
    const admin = await insert({ admin: true });
    const { key, record } = await insert();
    const others = createFailingStores(stores);
    const [one, two] = [await start(), await start({ stores: others })];
    const readings = (): number => others.calls.get("changedSince") ?? 0;
    expect([await statusOf(one, key), await statusOf(two, key)]).toEqual([200, 200]);
    const revoked = await one.ask(`/admin/v1/keys/${record.id}/revoke`, { as: admin.key, method: "POST" });
    const before = readings();
    expect([revoked.status, await statusOf(one, key)]).toEqual([200, 401]);
    let begun = readings();
    while ((await statusOf(two, key)) === 200) {
      // When a second one begins, the first one has ended.
      expect(begun).toBeLessThan(before + 2);
      begun = readings();
    }
    expect(await statusOf(two, key)).toBe(401);
    expect(readings()).toBeGreaterThan(before);
    expect(two.gateway.config.keys.cache.refresh).toBeLessThanOrEqual(1000);
  });

  test("each read what has changed as often as it is configured", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    await using cache = createKeyCache({ store: stores.keys, pepper, refresh: 1000, outage: 60_000, size: 10 });
    await cache.start();
    const readings = (): number => stores.calls.get("changedSince") ?? 0;
    const counts: number[] = [];
    for (const milliseconds of [999, 1, 999, 1]) {
      await vi.advanceTimersByTimeAsync(milliseconds);
      counts.push(readings());
    }
    expect(counts).toEqual([1, 2, 2, 3]);
  });

  test("one takes at once the secret that the other has given a key", async () => {
    const admin = await insert({ admin: true });
    const { key, record } = await insert();
    const [one, two] = [await start(), await start()];
    expect(await statusOf(two, key)).toBe(200);
    const path = `/admin/v1/keys/${record.id}/rotate`;
    const rotated = await one.ask(path, { as: admin.key, body: { overlapSeconds: 0 } });
    const { key: renewed } = (await rotated.json()) as { key: string };
    expect(await statusOf(two, renewed)).toBe(200);
    expect(await statusOf(two, key)).toBe(401);
  });

  test("one takes at once what the other has made", async () => {
    const admin = await insert({ admin: true });
    const [one, two] = [await start(), await start()];
    const made = await one.ask("/admin/v1/keys", { as: admin.key, body: { name: "new", owner: "o" } });
    const { key } = (await made.json()) as { key: string };
    expect(await statusOf(two, key)).toBe(200);
  });
});

describe("when the storage does not answer", () => {
  test("known keys go on, unknown ones are told 503 to try again, and nothing of the database", async () => {
    const known = await insert();
    const gateway = await start();
    stores.down = true;
    expect(await statusOf(gateway, known.key)).toBe(200);
    const stranger = createKey({ name: "n", owner: "o" }, { pepper });
    const answer = await gateway.ask("/v1/models", { as: stranger.key });
    expect([answer.status, answer.headers.get("x-should-retry")]).toEqual([503, "true"]);
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ error: { code: "storage_unavailable", type: "server_error" } });
    expect(text).not.toContain("db.internal");
  });

  test("an outage that is longer than configured ends it for all but the revoked, who are told 401", async () => {
    const [known, gone] = [await insert(), await insert()];
    await stores.keys.replace(revokeKey(gone.record));
    let now = Date.now();
    const gateway = await start({ clock: () => now }, { outage: "10m" });
    stores.down = true;
    now += 599_000;
    expect([await statusOf(gateway, known.key), await statusOf(gateway, gone.key)]).toEqual([200, 401]);
    now += 2000;
    expect([await statusOf(gateway, known.key), await statusOf(gateway, gone.key)]).toEqual([503, 401]);
    stores.down = false;
    await vi.waitFor(async () => expect(await statusOf(gateway, known.key)).toBe(200), 10_000);
  });

  test("a gateway that is started then serves from its snapshot, or says that it is not ready", async () => {
    const data = await mkdtemp(join(tmpdir(), "gateway-"));
    onTestFinished(() => rm(data, { recursive: true, force: true }));
    const known = await insert();
    const before = await start({ data });
    await before.gateway.close();
    stores.down = true;
    const [after, without] = [await start({ data }), await start()];
    expect([await statusOf(after, known.key), after.gateway.whyUnready?.()]).toEqual([200, undefined]);
    expect([await statusOf(without, known.key), without.gateway.whyUnready?.()]).toEqual([503, expect.any(String)]);
    stores.down = false;
    await vi.waitFor(async () => expect(await statusOf(without, known.key)).toBe(200), 10_000);
    expect(without.gateway.whyUnready?.()).toBeUndefined();
  });
});

test("an expired key is refused from that moment on", async () => {
  let now = Date.parse("2026-01-01T00:00:00.000Z");
  const { key } = await insert({ expiresAt: "2026-01-01T00:01:00.000Z" });
  const gateway = await start({ clock: () => now });
  expect(await statusOf(gateway, key)).toBe(200);
  now += 60_000;
  expect(await statusOf(gateway, key)).toBe(401);
});
