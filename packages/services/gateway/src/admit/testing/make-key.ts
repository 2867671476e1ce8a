import type { KeyRecord } from "@hxp/schema-storage";

/** A key as storage gives it, for tests. */
export function makeKey(values: Partial<KeyRecord> = {}): KeyRecord {
  return {
    id: "0000000000000001",
    hash: "0".repeat(64),
    name: "test",
    owner: "tester",
    admin: false,
    priority: "default",
    limits: {},
    createdAt: "2026-01-01T00:00:00.000Z",
    revision: 1,
    ...values,
  };
}
