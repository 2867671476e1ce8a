import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { KeyRecord } from "@hxp/schema-storage";
import { createMemoryStores } from "../stores/create-memory-stores.ts";
import { createFailingStores, type FailingStores } from "../testing/failing-store.ts";
import { createPepper } from "./hash-secret.ts";
import { createKeyCache, type KeyCache, type KeyCacheOptions } from "./key-cache.ts";
import { createKey, revokeKey } from "./manage-keys.ts";

const pepper = createPepper("p".repeat(32));
const request = { name: "n", owner: "o" };
const unavailable = expect.objectContaining({ code: "STORAGE_UNAVAILABLE" });

let stores: FailingStores;
let now: number;
beforeEach(() => {
  stores = createFailingStores(createMemoryStores());
  now = 1_000_000;
});

async function insertKey(): Promise<KeyRecord> {
  return stores.keys.insert(createKey(request, { pepper }).record);
}

function makeCache(options: Partial<KeyCacheOptions> = {}): KeyCache {
  const clock = (): number => now;
  const cache = createKeyCache({
    store: stores.keys,
    pepper,
    refresh: 60_000,
    outage: 10_000,
    size: 1000,
    clock,
    ...options,
  });
  onTestFinished(() => cache[Symbol.asyncDispose]());
  return cache;
}

async function findId(cache: KeyCache, id: string): Promise<string | undefined> {
  return (await cache.find(id))?.record.id;
}

describe("a key cache", () => {
  test("knows every key after its start, without asking for one", async () => {
    const records = await Promise.all(Array.from({ length: 2500 }, insertKey));
    const cache = makeCache({ size: 10_000 });
    await cache.start();
    stores.down = true;
    for (const { id } of records) expect(cache.find(id)).toMatchObject({ record: { id } });
    expect(stores.calls.get("get")).toBeUndefined();
  });

  test("learns of a change by polling", async () => {
    const record = await insertKey();
    const cache = makeCache({ refresh: 20 });
    await cache.start();
    await stores.keys.replace(revokeKey(record));
    await vi.waitFor(async () => expect((await cache.find(record.id))?.record.revokedAt).toBeDefined(), 10_000);
  });

  test("finds a key that was made after the last poll", async () => {
    const cache = makeCache();
    await cache.start();
    const { id } = await insertKey();
    expect(await findId(cache, id)).toBe(id);
  });

  test("asks the storage seldom, however many unknown ids strangers try", async () => {
    const cache = makeCache();
    await cache.start();
    const ids = Array.from({ length: 500 }, (_, index) => String(index).padStart(16, "0"));
    expect(await Promise.all(ids.map((id) => findId(cache, id)))).toEqual(ids.map(() => undefined));
    expect(stores.calls.get("changedSince")).toBeLessThan(10);
    expect(stores.calls.get("get")).toBeUndefined();
  });

  test("holds a bounded number and looks the others up", async () => {
    const records = await Promise.all(Array.from({ length: 50 }, insertKey));
    const cache = makeCache({ size: 10 });
    await cache.start();
    expect(cache.state().keys).toBe(10);
    for (const { id } of records) expect(await findId(cache, id)).toBe(id);
    expect(await findId(cache, "0".repeat(16))).toBeUndefined();
    expect(cache.state().keys).toBe(10);
  });
});

describe("while the storage does not answer", () => {
  test("known keys are taken until the outage is too long, then refused with 503, not 401", async () => {
    const { id } = await insertKey();
    const cache = makeCache();
    await cache.start();
    stores.down = true;
    now += 10_000;
    expect(await findId(cache, id)).toBe(id);
    now += 1;
    await expect(findId(cache, id)).rejects.toThrow(unavailable);
  });

  test("revoked keys stay revoked, however long it is", async () => {
    const { id } = await stores.keys.replace(revokeKey(await insertKey()));
    const cache = makeCache();
    await cache.start();
    stores.down = true;
    now += 1_000_000;
    expect((await cache.find(id))?.record.revokedAt).toBeDefined();
  });

  test("nobody can say of an unknown key that it does not exist", async () => {
    const cache = makeCache();
    await cache.start();
    stores.down = true;
    await expect(findId(cache, "0".repeat(16))).rejects.toThrow(unavailable);
  });

  test("a cache starts all the same, and recovers by itself", async () => {
    const { id } = await insertKey();
    stores.down = true;
    const hooks = { onUnread: vi.fn<() => void>(), onRead: vi.fn<() => void>() };
    const cache = makeCache({ refresh: 20, hooks });
    await cache.start();
    await expect(findId(cache, id)).rejects.toThrow(unavailable);
    stores.down = false;
    await vi.waitFor(async () => expect(await findId(cache, id)).toBe(id), 10_000);
    expect(hooks.onUnread).toHaveBeenCalledOnce();
    await vi.waitFor(() => expect(hooks.onRead).toHaveBeenCalledOnce(), 10_000);
  });
});

describe("a snapshot", () => {
  let folder: string;
  let snapshot: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "snapshot-"));
    snapshot = join(folder, "keys");
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function writeSnapshot(): Promise<{ active: string; revoked: string }> {
    const active = await insertKey();
    const revoked = await stores.keys.replace(revokeKey(await insertKey()));
    const first = makeCache({ snapshot });
    await first.start();
    await first[Symbol.asyncDispose]();
    stores.down = true;
    return { active: active.id, revoked: revoked.id };
  }

  test("outlives a restart during an outage; what was revoked stays so, and the outage is counted from the last reading", async () => {
    const { active, revoked } = await writeSnapshot();
    now += 9_000;
    const cache = makeCache({ snapshot });
    await cache.start();
    expect(await findId(cache, active)).toBe(active);
    expect((await cache.find(revoked))?.record.revokedAt).toBeDefined();
    now += 1_001;
    await expect(findId(cache, active)).rejects.toThrow(unavailable);
    expect((await cache.find(revoked))?.record.revokedAt).toBeDefined();
  });

  test("is for the server's user alone", async () => {
    await writeSnapshot();
    expect((await stat(snapshot)).mode & 0o777).toBe(0o600);
  });

  test("is not used when somebody changed it, or it is of another pepper", async () => {
    const { active } = await writeSnapshot();
    const text = await readFile(snapshot, "utf8");
    const onSnapshotFailed = vi.fn<(error: unknown) => void>();
    for (const [content, secret] of [
      [text.replace('"admin":false', '"admin":true'), "p"],
      [text.slice(0, -20), "p"],
      ["", "p"],
      [text, "q"],
    ] as const) {
      await writeFile(snapshot, content);
      const cache = makeCache({ snapshot, pepper: createPepper(secret.repeat(32)), hooks: { onSnapshotFailed } });
      await cache.start();
      await expect(findId(cache, active)).rejects.toThrow(unavailable);
    }
    expect(onSnapshotFailed).toHaveBeenCalledTimes(4);
    expect(onSnapshotFailed).toHaveBeenCalledWith(expect.objectContaining({ code: "KEY_SNAPSHOT_INVALID" }));
  });
});
