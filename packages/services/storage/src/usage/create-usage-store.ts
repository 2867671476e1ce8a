import { type UsageRecord, usageRecord, type UsageStore, type UsageSum } from "@hxp/schema-storage";
import type { Database, Row, Session } from "../database/database.ts";
import { checkRecord } from "../schema/check-record.ts";
import { cleanTexts, encodeRows, renderInsertAll } from "../schema/rows.ts";
import { usageTable } from "../schema/tables.ts";
import { addToSums } from "./add-to-sums.ts";
import { fromBillionths, toBillionths } from "./billionths.ts";

/** What {@link createUsageStore} takes beside the database. */
export interface UsageStoreOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

// More at once would hold other statements up.
const recordsPerStatement = 500;
const onConflict = "ON CONFLICT (id) DO NOTHING RETURNING id";
const insertions = {
  sqlite: renderInsertAll("sqlite", usageTable, onConflict),
  postgres: renderInsertAll("postgres", usageTable, onConflict),
} as const;

/** Keeps usage in a database. */
export function createUsageStore(database: Database, { now }: UsageStoreOptions): UsageStore {
  return {
    append: async (records) => {
      // In one order everywhere: two servers that replay the same records wait for each other, and never in a circle.
      const sorted = records.map(check).toSorted((one, other) => (one.id < other.id ? -1 : 1));
      if (sorted.length === 0) return;
      await database.transaction(async (session) => addToSums(session, await insertNew(session, sorted)));
    },
    sum: async ({ by, since, until }) => {
      const values = [by, startOfHour(since), until ?? new Date(now()).toISOString(), startOfDay(since)];
      return (await database.query(sumStatement, values)).map(toSum);
    },
  };
}

/** Sums by kind from the hour $2 on and before $3; days that were folded count from the day $4 on. */
const sumStatement = `SELECT name,
  CAST(SUM(requests) AS TEXT) AS requests, CAST(SUM(prompt_tokens) AS TEXT) AS prompt_tokens,
  CAST(SUM(cached_tokens) AS TEXT) AS cached_tokens, CAST(SUM(completion_tokens) AS TEXT) AS completion_tokens,
  CAST(SUM(cost) AS TEXT) AS cost
FROM hxp_usage_sums
WHERE kind = $1 AND starts_at >= $4 AND starts_at < $3 AND (starts_at >= $2 OR span = 'day')
GROUP BY name ORDER BY name`;

async function insertNew(session: Session, records: readonly UsageRecord[]): Promise<UsageRecord[]> {
  const { dialect } = session;
  const added = new Set<unknown>();
  for (let start = 0; start < records.length; start += recordsPerStatement) {
    const some = records.slice(start, start + recordsPerStatement).map((record) => ({ ...record, counted: true }));
    const rows = await session.query(insertions[dialect], [encodeRows(dialect, usageTable, some)]);
    for (const { id } of rows) added.add(id);
  }
  // The same id twice in one call counts once, too.
  return records.filter(({ id }) => added.delete(id));
}

function check(record: UsageRecord): UsageRecord {
  const checked = checkRecord(usageRecord, record, { kind: "usage record", id: record.id });
  return { ...cleanTexts(checked), cost: toBillionths(checked.cost) };
}

function startOfHour(instant: string): string {
  return `${new Date(instant).toISOString().slice(0, 13)}:00:00.000Z`;
}

function startOfDay(instant: string): string {
  return `${new Date(instant).toISOString().slice(0, 10)}T00:00:00.000Z`;
}

function toSum(row: Row): UsageSum {
  return {
    group: String(row["name"]),
    requests: Number(row["requests"]),
    promptTokens: Number(row["prompt_tokens"]),
    cachedTokens: Number(row["cached_tokens"]),
    completionTokens: Number(row["completion_tokens"]),
    cost: fromBillionths(String(row["cost"])),
  };
}
