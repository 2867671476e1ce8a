import type { UsageRecord } from "@hxp/schema-storage";
import type { Session } from "../database/database.ts";
import { encodeRow, renderInsert } from "../schema/rows.ts";
import type { Table } from "../schema/table.ts";
import { sumsTable } from "../schema/tables.ts";

/** What a sum needs of a record; the cost in billionths. */
export type Counted = Pick<
  UsageRecord,
  "at" | "key" | "team" | "model" | "promptTokens" | "cachedTokens" | "completionTokens" | "cost"
>;

/** A row of sums; the cost in billionths. */
export interface SumRow {
  readonly kind: string;
  readonly startsAt: string;
  readonly name: string;
  readonly requests: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
  readonly cost: number;
}

// Hours, by their default. This runs while version 2 is made, too, which has no such column yet.
const table: Table = { ...sumsTable, columns: sumsTable.columns.filter(({ name }) => name !== "span") };
const rowsPerStatement = 200;
const counts = ["requests", "prompt_tokens", "cached_tokens", "completion_tokens", "cost"];
const additions = counts.map((name) => `${name} = hxp_usage_sums.${name} + excluded.${name}`).join(", ");

/** Adds records to the sums of their key, team and model, and of their hour. */
export async function addToSums(session: Session, records: readonly Counted[]): Promise<void> {
  await addSumRows(session, sumUp(records));
}

/** Adds rows to those of the same kind, hour and name. They are sorted, so two that add never wait in a circle. */
export async function addSumRows(session: Session, rows: readonly SumRow[]): Promise<void> {
  for (let start = 0; start < rows.length; start += rowsPerStatement) {
    const some = rows.slice(start, start + rowsPerStatement);
    const sql = renderInsert(table, some.length, `ON CONFLICT (kind, starts_at, name) DO UPDATE SET ${additions}`);
    await session.query(
      sql,
      some.flatMap((row) => encodeRow(session.dialect, table, { ...row })),
    );
  }
}

/** The sums of records by kind, hour and name, in the order of the table's key. */
export function sumUp(records: readonly Counted[]): SumRow[] {
  const rows = new Map<string, SumRow>();
  for (const record of records) {
    const startsAt = `${new Date(record.at).toISOString().slice(0, 13)}:00:00.000Z`;
    const names = { key: record.key, team: record.team ?? "", model: record.model };
    for (const [kind, name] of Object.entries(names)) {
      const place = JSON.stringify([kind, startsAt, name]);
      rows.set(place, add(rows.get(place) ?? emptySum(kind, startsAt, name), record));
    }
  }
  return [...rows].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
}

function emptySum(kind: string, startsAt: string, name: string): SumRow {
  return { kind, startsAt, name, requests: 0, promptTokens: 0, cachedTokens: 0, completionTokens: 0, cost: 0 };
}

function add(row: SumRow, record: Counted): SumRow {
  return {
    ...row,
    requests: row.requests + 1,
    promptTokens: row.promptTokens + record.promptTokens,
    cachedTokens: row.cachedTokens + record.cachedTokens,
    completionTokens: row.completionTokens + record.completionTokens,
    cost: row.cost + record.cost,
  };
}
