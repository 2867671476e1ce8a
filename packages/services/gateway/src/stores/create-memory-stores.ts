import { HxpError } from "@hxp/errors";
import type { KeyRecord, KeyStore, Stores, UsageGroup, UsageRecord, UsageStore, UsageSum } from "@hxp/schema-storage";
import type { NewKey } from "../authenticate/manage-keys.ts";

/** Makes stores that keep keys and usage in memory: for tests, and for a gateway without a database. Usage is kept as sums by the hour. */
export function createMemoryStores(keys: readonly NewKey[] = []): Stores {
  const keyStore = createMemoryKeyStore(keys);
  const usage = createMemoryUsageStore();
  return { keys: keyStore, usage, [Symbol.asyncDispose]: async () => {} };
}

function createMemoryKeyStore(first: readonly NewKey[]): KeyStore {
  const records = new Map<string, KeyRecord>();
  let revision = 0;
  const put = (key: NewKey): KeyRecord => {
    revision += 1;
    const record = { ...key, revision };
    records.set(key.id, record);
    return record;
  };
  for (const key of first) put(key);
  const sorted = (order: (a: KeyRecord, b: KeyRecord) => number): KeyRecord[] => [...records.values()].toSorted(order);
  return {
    get: async (id) => records.get(id),
    list: async ({ after = "", limit = 100 } = {}) =>
      sorted((a, b) => (a.id < b.id ? -1 : 1))
        .filter(({ id }) => id > after)
        .slice(0, limit),
    changedSince: async (since, limit = 1000) =>
      sorted((a, b) => a.revision - b.revision)
        .filter((record) => record.revision > since)
        .slice(0, limit),
    insert: async (key) => {
      if (records.has(key.id)) throw new HxpError("STORAGE_CONFLICT", `The key ${key.id} exists already.`);
      return put(key);
    },
    replace: async (key) => {
      if (records.get(key.id)?.revision !== key.revision) {
        throw new HxpError("STORAGE_CONFLICT", `The key ${key.id} was changed meanwhile.`);
      }
      return put(key);
    },
  };
}

interface Bucket {
  readonly hour: string;
  readonly by: UsageGroup;
  readonly sum: { -readonly [Name in keyof UsageSum]: UsageSum[Name] };
}

// Without a database nobody asks for years; what is oldest makes room.
const maxBuckets = 50_000;

// Ids are kept to refuse repetitions, the latest of them: repetitions come soon after.
const rememberedIds = 100_000;

function createMemoryUsageStore(): UsageStore {
  const ids = new Set<string>();
  const buckets = new Map<string, Bucket>();
  const add = (record: UsageRecord): void => {
    if (ids.has(record.id)) return;
    ids.add(record.id);
    if (ids.size > rememberedIds) ids.delete(ids.values().next().value ?? "");
    const groups = { key: record.key, team: record.team ?? "", model: record.model };
    for (const by of ["key", "team", "model"] as const) addTo(buckets, { by, group: groups[by], record });
  };
  return {
    append: async (records) => records.forEach(add),
    sum: async ({ by, since, until }) => sumUp([...buckets.values()], { by, since, until }),
  };
}

function addTo(
  buckets: Map<string, Bucket>,
  { by, group, record }: { by: UsageGroup; group: string; record: UsageRecord },
): void {
  const hour = toHour(record.at);
  const id = `${hour} ${by} ${group}`;
  const empty = { group, requests: 0, promptTokens: 0, cachedTokens: 0, completionTokens: 0, cost: 0 };
  const { sum } = buckets.get(id) ?? { sum: empty };
  sum.requests += 1;
  sum.promptTokens += record.promptTokens;
  sum.cachedTokens += record.cachedTokens;
  sum.completionTokens += record.completionTokens;
  sum.cost += record.cost;
  buckets.set(id, { hour, by, sum });
  if (buckets.size > maxBuckets) buckets.delete(buckets.keys().next().value ?? "");
}

function sumUp(
  buckets: readonly Bucket[],
  { by, since, until }: { by: UsageGroup; since: string; until: string | undefined },
): readonly UsageSum[] {
  const from = toHour(since);
  const chosen = buckets.filter(
    (each) => each.by === by && each.hour >= from && (until === undefined || each.hour < until),
  );
  const groups = Map.groupBy(chosen, ({ sum }) => sum.group);
  return [...groups].map(([group, each]) => ({
    group,
    requests: total(each, "requests"),
    promptTokens: total(each, "promptTokens"),
    cachedTokens: total(each, "cachedTokens"),
    completionTokens: total(each, "completionTokens"),
    cost: total(each, "cost"),
  }));
}

function total(buckets: readonly Bucket[], name: Exclude<keyof UsageSum, "group">): number {
  return buckets.reduce((sum, bucket) => sum + bucket.sum[name], 0);
}

function toHour(at: string): string {
  // Times of records are ISO 8601 in UTC.
  return `${at.slice(0, 13)}:00:00.000Z`;
}
