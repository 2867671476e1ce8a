import type { StorageConfig } from "@hxp/schema-storage";
import type { Database, Session } from "../database/database.ts";
import { renderLiteral } from "../schema/render.ts";
import { decodeRow } from "../schema/rows.ts";
import { sumsTable } from "../schema/tables.ts";
import { addSumRows, mergeRows, type SumRow } from "../usage/add-to-sums.ts";
import { countSome } from "../usage/count-some.ts";

const batch = 500;

/** What {@link applyRetention} takes beside the database and what it keeps. */
export interface RetentionOptions {
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** Ends it after the current batch. */
  readonly signal?: AbortSignal | undefined;
}

/** What {@link applyRetention} did. */
export interface RetentionResult {
  /** Records of usage that were deleted. */
  readonly deletedRecords: number;
  /** Sums by the hour that became a part of a day's. */
  readonly foldedHours: number;
  /** Sums that were deleted. */
  readonly deletedSums: number;
}

/**
 * Deletes records of usage that are old enough, folds old sums by the hour into days and deletes the oldest, some
 * hundred rows in a transaction. What is asked of the last `retention.hourly` does not change by it. Two at once do no harm.
 */
export async function applyRetention(
  database: Database,
  retention: StorageConfig["retention"],
  { now = Date.now, signal }: RetentionOptions = {},
): Promise<RetentionResult> {
  const before = (age: number): string => `${new Date(now() - age).toISOString().slice(0, 10)}T00:00:00.000Z`;
  const all = async (some: (session: Session) => Promise<number>): Promise<number> => {
    let total = 0;
    for (;;) {
      const count = await database.transaction(some);
      total += count;
      if (count === 0 || signal?.aborted === true) return total;
    }
  };
  // A server of an older version may have left records that no sum has; they are counted before they go.
  await all(countSome);
  return {
    deletedRecords: await all((session) => deleteRecords(session, before(retention.usage))),
    foldedHours: await all((session) => foldHours(session, before(retention.hourly))),
    deletedSums: await all((session) => deleteSums(session, before(retention.daily))),
  };
}

async function deleteRecords(session: Session, before: string): Promise<number> {
  const isTrue = renderLiteral(session.dialect, true);
  const rows = await session.query(
    `WITH chosen AS MATERIALIZED (SELECT id FROM hxp_usage WHERE at < $1 AND counted = ${isTrue} ORDER BY at LIMIT $2 ${skipLocked(session)})
    DELETE FROM hxp_usage WHERE id IN (SELECT id FROM chosen) RETURNING id`,
    [before, batch],
  );
  return rows.length;
}

/** Takes hours away and adds them to their days, so a late record's hour is folded like any other. */
async function foldHours(session: Session, before: string): Promise<number> {
  const rows = await session.query(
    `WITH chosen AS MATERIALIZED (SELECT kind, starts_at, name FROM hxp_usage_sums WHERE span = 'hour' AND starts_at < $1
      ORDER BY starts_at LIMIT $2 ${skipLocked(session)})
    DELETE FROM hxp_usage_sums WHERE (kind, starts_at, name) IN (SELECT kind, starts_at, name FROM chosen) RETURNING *`,
    [before, batch],
  );
  const hours = rows.map((row) => decodeRow(sumsTable, row) as unknown as SumRow);
  await addSumRows(session, mergeRows(hours.map((row) => ({ ...row, startsAt: startOfDay(row.startsAt) }))), "day");
  return rows.length;
}

async function deleteSums(session: Session, before: string): Promise<number> {
  const rows = await session.query(
    `WITH chosen AS MATERIALIZED (SELECT kind, starts_at, name FROM hxp_usage_sums WHERE kind IN ('key', 'team', 'model') AND starts_at < $1
      AND span = 'day' LIMIT $2 ${skipLocked(session)})
    DELETE FROM hxp_usage_sums WHERE (kind, starts_at, name) IN (SELECT kind, starts_at, name FROM chosen) RETURNING name`,
    [before, batch],
  );
  return rows.length;
}

/** Two that run at once take different rows. */
function skipLocked({ dialect }: Session): string {
  return dialect === "sqlite" ? "" : "FOR UPDATE SKIP LOCKED";
}

function startOfDay(instant: string): string {
  return `${instant.slice(0, 10)}T00:00:00.000Z`;
}
