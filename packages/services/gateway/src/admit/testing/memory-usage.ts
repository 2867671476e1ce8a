import type { UsageRecord, UsageStore, UsageSum } from "@hxp/schema-storage";

/** A usage store that keeps its records in memory, for tests. */
export function createMemoryUsage(): UsageStore & { readonly records: UsageRecord[] } {
  const records: UsageRecord[] = [];
  return {
    records,
    append: async (added) => {
      const known = new Set(records.map(({ id }) => id));
      records.push(...added.filter(({ id }) => !known.has(id)));
    },
    sum: async ({ by, since }) => {
      const sums = new Map<string, UsageSum>();
      for (const record of records.filter(({ at }) => at >= since)) {
        const group = record[by] ?? "";
        const sum = sums.get(group) ?? emptySum(group);
        sums.set(group, {
          ...sum,
          requests: sum.requests + 1,
          promptTokens: sum.promptTokens + record.promptTokens,
          completionTokens: sum.completionTokens + record.completionTokens,
          cost: sum.cost + record.cost,
        });
      }
      return [...sums.values()];
    },
  };
}

function emptySum(group: string): UsageSum {
  return { group, requests: 0, promptTokens: 0, cachedTokens: 0, completionTokens: 0, cost: 0 };
}

/** The record of a request, for tests. */
export function makeRecord(values: Pick<UsageRecord, "id" | "at"> & Partial<UsageRecord>): UsageRecord {
  return {
    key: "0000000000000001",
    owner: "tester",
    model: "guide",
    endpoint: "chat",
    promptTokens: 0,
    cachedTokens: 0,
    completionTokens: 0,
    countedBy: "engine",
    cost: 0,
    outcome: "completed",
    durationMs: 1,
    ...values,
  };
}
