import { setTimeout as delay } from "node:timers/promises";
import * as fc from "fast-check";
import { endpointNames, type KeyRecord } from "@hxp/schema-storage";
import { migrate, openStorage } from "@hxp/storage";
import { expect, test } from "vitest";
import { type Databases, describeBoth } from "../../test/databases.ts";
import { exampleKey, openPlace, type Place } from "../../test/examples.ts";
import { createKeyStore } from "./create-key-store.ts";

const time = fc
  .date({ min: new Date(0), max: new Date("2100-01-01T00:00:00Z"), noInvalidDate: true })
  .map((date) => date.toISOString());
const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }).map((text) => text.replaceAll("\0", "."));
const hash = fc.stringMatching(/^[0-9a-f]{64}$/);

const anyKey: fc.Arbitrary<Omit<KeyRecord, "revision">> = fc.record(
  {
    id: fc.stringMatching(/^[0-9a-z]{16}$/),
    hash,
    previousHash: hash,
    previousUntil: time,
    name,
    owner: name,
    team: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/),
    admin: fc.boolean(),
    models: fc.array(name, { maxLength: 5 }),
    endpoints: fc.uniqueArray(fc.constantFrom(...endpointNames)),
    priority: fc.constantFrom("interactive", "default", "bulk"),
    limits: fc.record(
      {
        requestsPerMinute: fc.nat(),
        tokensPerMinute: fc.maxSafeNat(),
        concurrency: fc.nat(),
        budget: fc.record(
          {
            period: fc.constantFrom("day", "month"),
            tokens: fc.nat(),
            cost: fc.float({ min: 0, noNaN: true, max: 1e6 }),
          },
          { requiredKeys: ["period"] },
        ),
      },
      { requiredKeys: [] },
    ),
    createdAt: time,
    expiresAt: time,
    revokedAt: time,
  },
  { requiredKeys: ["id", "hash", "name", "owner", "admin", "priority", "limits", "createdAt"] },
) as never;

describeBoth("a key store", (databases) => {
  test("gives back every key as it was given, with its revision", async () => {
    await using stores = await openStores(databases);
    await fc.assert(
      fc.asyncProperty(anyKey, async (key) => {
        const stored = await stores.keys.insert(key).catch(() => undefined);
        // Two of the random ids can be the same.
        if (stored === undefined) return;
        expect(JSON.parse(JSON.stringify(stored))).toEqual({
          ...key,
          limits: plain(key.limits),
          revision: stored.revision,
        });
        expect(await stores.keys.get(key.id)).toEqual(stored);
      }),
      { numRuns: 100 },
    );
  });

  test("knows nothing of a key that was never there", async () => {
    await using stores = await openStores(databases);
    expect(await stores.keys.get("0000000000000000")).toBeUndefined();
    expect(await stores.keys.list()).toEqual([]);
    expect(await stores.keys.changedSince(0)).toEqual([]);
  });

  test("lists keys in pages, by their ids", async () => {
    await using stores = await openStores(databases);
    for (const number of [3, 1, 2]) await stores.keys.insert(exampleKey(number));
    const first = await stores.keys.list({ limit: 2 });
    expect(first.map(({ name: each }) => each)).toEqual(["key 1", "key 2"]);
    const second = await stores.keys.list({ after: first.at(-1)?.id, limit: 2 });
    expect(second.map(({ name: each }) => each)).toEqual(["key 3"]);
  });

  test("tells what changed after a revision, in the order of the changes", async () => {
    await using stores = await openStores(databases);
    const [one] = [await stores.keys.insert(exampleKey(1)), await stores.keys.insert(exampleKey(2))];
    const revoked = await stores.keys.replace({ ...one, revokedAt: "2026-02-03T04:05:06.000Z" });
    expect((await stores.keys.changedSince(0)).map(({ id, revision }) => [id.at(-1), revision])).toEqual([
      ["2", 2],
      ["1", 3],
    ]);
    expect(await stores.keys.changedSince(2)).toEqual([revoked]);
    expect(await stores.keys.changedSince(3)).toEqual([]);
    expect(await stores.keys.changedSince(0, 1)).toHaveLength(1);
  });

  test("refuses an id that is taken, and a change to what a key no longer is", async () => {
    await using stores = await openStores(databases);
    const key = await stores.keys.insert(exampleKey(1));
    await expect(stores.keys.insert(exampleKey(1))).rejects.toMatchObject({ code: "STORAGE_CONFLICT" });
    await stores.keys.replace({ ...key, name: "first" });
    await expect(stores.keys.replace({ ...key, name: "second" })).rejects.toMatchObject({ code: "STORAGE_CONFLICT" });
    expect(await stores.keys.get(key.id)).toMatchObject({ name: "first" });
    // What was refused used no revision up, so a poller sees no hole.
    expect(await stores.keys.insert(exampleKey(2))).toMatchObject({ revision: 3 });
  });

  test("refuses a key that is none, and names it; a stored one that was spoilt, too", async () => {
    const place = await databases.create();
    await using stores = await openStorage(place.config, place);
    const none = { code: "STORAGE_RECORD_INVALID", message: expect.stringContaining("team") };
    await expect(stores.keys.insert(exampleKey(1, { team: "Search" }))).rejects.toMatchObject(none);
    expect(await stores.keys.insert(exampleKey(1))).toMatchObject({ revision: 1 });
    await using database = await openPlace(place);
    await database.query("UPDATE hxp_keys SET team = 'Search'");
    await expect(stores.keys.changedSince(0)).rejects.toMatchObject({ ...none, details: { id: exampleKey(1).id } });
  });

  test("lets one of many that change a key at once win", async () => {
    const place = await databases.create();
    await using one = await openStorage(place.config, place);
    await using other = await openStorage(place.config, place);
    const key = await one.keys.insert(exampleKey(1));
    const tries = Array.from({ length: 20 }, (_, index) =>
      (index % 2 === 0 ? one : other).keys.replace({ ...key, name: `try ${index}` }),
    );
    const outcomes = await Promise.allSettled(tries);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("shows a poller every change, whoever commits first", async () => {
    const place = await databases.create();
    await using writers = await openWriters(place, 4);
    await using reader = await openPlace(place);
    const keys = createKeyStore(reader);
    const written = new AbortController();
    const writing = Promise.all(writers.map(writeKeys)).finally(() => written.abort());
    const seen: number[] = [];
    const poll = async (): Promise<void> => {
      for (const { revision } of await keys.changedSince(seen.at(-1) ?? 0, 7)) seen.push(revision);
    };
    while (!written.signal.aborted) await poll();
    await writing;
    const last = (await keys.changedSince(0, 100_000)).length;
    while ((seen.at(-1) ?? 0) < last) await poll();
    // Keys are only added, so each revision stays: a hole is a change that was missed.
    expect(seen).toEqual(Array.from({ length: 4 * changesEach }, (_, index) => index + 1));
  });
});

const changesEach = 40;

async function writeKeys(keys: ReturnType<typeof createKeyStore>, writer: number): Promise<void> {
  for (let change = 0; change < changesEach; change += 1) {
    await keys.insert(exampleKey(writer * 1000 + change));
    if (change % 7 === writer) await delay(Math.random() * 5);
  }
}

async function openWriters(place: Place, count: number) {
  const databases = await Promise.all(Array.from({ length: count }, () => openPlace(place)));
  await migrate(databases[0]!);
  return Object.assign(databases.map(createKeyStore), {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(databases.map((each) => each[Symbol.asyncDispose]()));
    },
  });
}

async function openStores(databases: Databases) {
  const place = await databases.create();
  return openStorage(place.config, place);
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
