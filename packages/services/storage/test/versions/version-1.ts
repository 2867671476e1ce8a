import type { UsageRecord } from "@hxp/schema-storage";
import type { Row, Session } from "@hxp/storage";

// The statements of version 1, as its servers send them while version 2 is made. They never change.

const columns =
  "id, at, key, owner, team, model, served_by, endpoint, prompt_tokens, cached_tokens, completion_tokens, counted_by, cost, outcome, error, first_byte_ms, duration_ms";

/** Adds records; version 1 keeps no sums. */
export async function append(session: Session, records: readonly UsageRecord[]): Promise<void> {
  for (let start = 0; start < records.length; start += 200) {
    const some = records.slice(start, start + 200);
    const tuples = some.map((_, row) => {
      const places = columns.split(", ").map((__, column) => `$${row * 17 + column + 1}`);
      return `(${places.join(", ")})`;
    });
    await session.query(
      `INSERT INTO hxp_usage (${columns}) VALUES ${tuples.join(", ")} ON CONFLICT (id) DO NOTHING`,
      some.flatMap(toValues),
    );
  }
}

/** Requests and tokens of prompts by model, read from the records. */
export function sum(session: Session): Promise<readonly Row[]> {
  return session.query(`SELECT model, CAST(COUNT(*) AS TEXT) AS requests, CAST(SUM(prompt_tokens) AS TEXT) AS tokens
    FROM hxp_usage WHERE at >= '2026-01-01T00:00:00.000Z' GROUP BY model ORDER BY model`);
}

/** Adds a key and says which revision it got. */
export async function insertKey(session: Session, id: string): Promise<number> {
  const [row] = await session.query(
    "UPDATE hxp_key_revision SET revision = revision + 1 WHERE id = 1 RETURNING revision",
  );
  const isAdmin = session.dialect === "sqlite" ? 0 : "false";
  await session.query(
    `INSERT INTO hxp_keys (id, hash, name, owner, admin, priority, limits, created_at, revision)
     VALUES ($1, 'aa', 'name', 'owner', $2, 'default', '{}', '2026-01-01T00:00:00.000Z', $3)`,
    [id, isAdmin, Number(row?.["revision"])],
  );
  return Number(row?.["revision"]);
}

function toValues(record: UsageRecord) {
  const { id, at, key, owner, team, model, servedBy, endpoint, promptTokens, cachedTokens, completionTokens } = record;
  const { countedBy, cost, outcome, error, firstByteMs, durationMs } = record;
  const first = [id, at, key, owner, team, model, servedBy, endpoint, promptTokens, cachedTokens, completionTokens];
  const rest = [countedBy, Math.round(cost * 1e9), outcome, error, firstByteMs, durationMs];
  return [...first, ...rest].map((value) => value ?? null);
}
