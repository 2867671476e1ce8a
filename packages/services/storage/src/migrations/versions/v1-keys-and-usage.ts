import type { Session } from "../../database/database.ts";
import type { Migration } from "../change.ts";

// What a version made stays as it was written: the tables of today stand in schema/tables.ts, and a test compares.

/** Keys with their revisions, and the records of usage, which version 1 summed up as they were. */
export const keysAndUsage: Migration = {
  version: 1,
  title: "keys and usage",
  steps: [
    {
      phase: "expand",
      name: "create keys",
      change: {
        kind: "create-table",
        table: {
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
        },
        loses: (session) => countRows(session, "hxp_keys", "keys"),
      },
    },
    {
      phase: "expand",
      name: "index keys by revision",
      change: {
        kind: "create-index",
        index: { name: "hxp_keys_revision", table: "hxp_keys", columns: ["revision"], isUnique: true },
      },
    },
    {
      phase: "expand",
      name: "create the last revision",
      change: {
        kind: "create-table",
        table: {
          name: "hxp_key_revision",
          columns: [
            { name: "id", type: "integer" },
            { name: "revision", type: "integer" },
          ],
          primaryKey: ["id"],
        },
        first: "INSERT INTO hxp_key_revision (id, revision) VALUES (1, 0)",
      },
    },
    {
      phase: "expand",
      name: "create usage",
      change: {
        kind: "create-table",
        table: {
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
          ],
          primaryKey: ["id"],
        },
        loses: (session) => countRows(session, "hxp_usage", "records of usage"),
      },
    },
    {
      phase: "expand",
      name: "index usage by time",
      change: { kind: "create-index", index: { name: "hxp_usage_at", table: "hxp_usage", columns: ["at"] } },
    },
    {
      phase: "expand",
      name: "index usage by key",
      change: { kind: "create-index", index: { name: "hxp_usage_key", table: "hxp_usage", columns: ["key", "at"] } },
    },
    {
      phase: "expand",
      name: "index usage by team",
      change: { kind: "create-index", index: { name: "hxp_usage_team", table: "hxp_usage", columns: ["team", "at"] } },
    },
    {
      phase: "expand",
      name: "index usage by model",
      change: {
        kind: "create-index",
        index: { name: "hxp_usage_model", table: "hxp_usage", columns: ["model", "at"] },
      },
    },
  ],
};

async function countRows(session: Session, table: string, what: string): Promise<string | undefined> {
  const [row] = await session.query(`SELECT CAST(COUNT(*) AS TEXT) AS count FROM ${table}`);
  return row?.["count"] === "0" ? undefined : `${String(row?.["count"])} ${what}`;
}
