import { keyRecord, usageRecord } from "@hxp/schema-storage";
import { describe, expect, test } from "vitest";

const key = {
  id: "0123456789abcdef",
  hash: "a".repeat(64),
  name: "a",
  owner: "b",
  admin: false,
  priority: "default",
  limits: {},
  createdAt: "2026-01-01T00:00:00Z",
  revision: 1,
};

const usage = {
  id: "1",
  at: "2026-01-01T00:00:00Z",
  key: key.id,
  owner: "b",
  model: "guide",
  endpoint: "chat",
  promptTokens: 1,
  cachedTokens: 0,
  completionTokens: 1,
  countedBy: "engine",
  cost: 0,
  outcome: "completed",
  durationMs: 1,
};

describe("a record", () => {
  test("with all that it needs is one", () => {
    expect(keyRecord.parse(key)).toEqual(key);
    expect(usageRecord.parse(usage)).toEqual(usage);
  });

  test.each<[string, object]>([
    ["an id of another form", { id: "hxp_0123456789abcdef" }],
    ["a secret in place of its hash", { hash: "not a hash" }],
    ["an unknown part", { secret: "s" }],
    ["a team with capitals", { team: "Search" }],
    ["a time without a zone", { createdAt: "2026-01-01T00:00:00" }],
    ["a time in another zone", { createdAt: "2026-01-01T00:00:00+01:00" }],
    ["a limit below zero", { limits: { concurrency: -1 } }],
    ["a limit that there is not", { limits: { requestPerMinute: 1 } }],
    ["an endpoint that there is not", { endpoints: ["admin"] }],
    ["no revision", { revision: undefined }],
  ])("of a key with %s is none", (_, change) => {
    expect(keyRecord.safeParse({ ...key, ...change }).success).toBe(false);
  });

  test.each<[string, object]>([
    ["half a token", { promptTokens: 0.5 }],
    ["tokens below zero", { completionTokens: -1 }],
    ["a cost that is no number", { cost: Number.NaN }],
    ["an endless duration", { durationMs: Number.POSITIVE_INFINITY }],
    ["no id", { id: "" }],
    ["an unknown part", { prompt: "what was asked" }],
  ])("of usage with %s is none", (_, change) => {
    expect(usageRecord.safeParse({ ...usage, ...change }).success).toBe(false);
  });
});
