import type { Table } from "./table.ts";

/** Keys, as `KeyRecord` describes them. */
export const keysTable: Table = {
  name: "hxp_keys",
  columns: [
    { name: "id", type: "text" },
    { name: "hash", type: "text" },
    { name: "previous_hash", type: "text", nullable: true },
    { name: "previous_until", type: "instant", nullable: true },
    { name: "name", type: "text" },
    { name: "owner", type: "text" },
    { name: "team", type: "text", nullable: true },
    { name: "admin", type: "boolean" },
    { name: "models", type: "json", nullable: true },
    { name: "endpoints", type: "json", nullable: true },
    { name: "priority", type: "text" },
    { name: "limits", type: "json" },
    { name: "created_at", type: "instant" },
    { name: "expires_at", type: "instant", nullable: true },
    { name: "revoked_at", type: "instant", nullable: true },
    { name: "revision", type: "integer" },
  ],
  primaryKey: ["id"],
};

/** The last revision that a key got: one row. */
export const revisionTable: Table = {
  name: "hxp_key_revision",
  columns: [
    { name: "id", type: "integer" },
    { name: "revision", type: "integer" },
  ],
  primaryKey: ["id"],
};

/** What each request used, as `UsageRecord` describes it; its cost in billionths. */
export const usageTable: Table = {
  name: "hxp_usage",
  columns: [
    { name: "id", type: "text" },
    { name: "at", type: "instant" },
    { name: "key", type: "text" },
    { name: "owner", type: "text" },
    { name: "team", type: "text", nullable: true },
    { name: "model", type: "text" },
    { name: "served_by", type: "text", nullable: true },
    { name: "endpoint", type: "text" },
    { name: "prompt_tokens", type: "integer" },
    { name: "cached_tokens", type: "integer" },
    { name: "completion_tokens", type: "integer" },
    { name: "counted_by", type: "text" },
    { name: "cost", type: "integer" },
    { name: "outcome", type: "text" },
    { name: "error", type: "text", nullable: true },
    { name: "first_byte_ms", type: "real", nullable: true },
    { name: "duration_ms", type: "real" },
    // Whether the sums have it. Servers of version 1 know no sums, so theirs do not.
    { name: "counted", type: "boolean", fallback: false },
  ],
  primaryKey: ["id"],
};

/** Sums of usage by the hour, or by the day where they were folded. */
export const sumsTable: Table = {
  name: "hxp_usage_sums",
  columns: [
    { name: "kind", type: "text" },
    { name: "starts_at", type: "instant" },
    { name: "name", type: "text" },
    { name: "requests", type: "integer" },
    { name: "prompt_tokens", type: "integer" },
    { name: "cached_tokens", type: "integer" },
    { name: "completion_tokens", type: "integer" },
    { name: "cost", type: "integer" },
    { name: "span", type: "text", fallback: "hour" },
  ],
  primaryKey: ["kind", "starts_at", "name"],
};
