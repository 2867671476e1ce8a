import type { UsageRecord } from "@hxp/schema-storage";

/** A usage record of a request with this id. */
export function makeUsage(id: string, given: Partial<UsageRecord> = {}): UsageRecord {
  return {
    id,
    at: "2026-01-01T00:30:00.000Z",
    key: "0123456789abcdef",
    owner: "o",
    model: "guide",
    endpoint: "chat",
    promptTokens: 10,
    cachedTokens: 0,
    completionTokens: 5,
    countedBy: "engine",
    cost: 0.5,
    outcome: "completed",
    durationMs: 12,
    ...given,
  };
}
