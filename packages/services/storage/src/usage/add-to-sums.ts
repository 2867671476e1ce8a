import type { UsageRecord } from "@hxp/schema-storage";
import type { Session } from "../database/database.ts";
import { encodeRows, renderInsertAll } from "../schema/rows.ts";
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
const hours: Table = { ...sumsTable, columns: sumsTable.columns.filter(({ name }) => name !== "span") };
const rowsPerStatement = 500;
const counts = ["requests", "prompt_tokens", "cached_tokens", "completion_tokens", "cost"];
const additions = counts.map((name) => `${name} = hxp_usage_sums.${name} + excluded.${name}`).join(", ");

/** Adds records to the sums of their key, team and model, and of their hour. */
export async function addToSums(session: Session, records: readonly Counted[]): Promise<void> {
  await addSumRows(session, sumUp(records), "hour");
}

/** Adds rows to those of the same kind, start and name. They are sorted, so two that add never wait in a circle. */
export async function addSumRows(session: Session, rows: readonly SumRow[], span: "hour" | "day"): Promise<void> {
  const { dialect } = session;
  const table = span === "hour" ? hours : sumsTable;
  const change = span === "hour" ? additions : `${additions}, span = excluded.span`;
  const sql = renderInsertAll(dialect, table, `ON CONFLICT (kind, starts_at, name) DO UPDATE SET ${change}`);
  for (let start = 0; start < rows.length; start += rowsPerStatement) {
    const some = rows.slice(start, start + rowsPerStatement).map((row) => ({ ...row, span }));
    await session.query(sql, [encodeRows(dialect, table, some)]);
  }
}

/** The sums of records by kind, hour and name, in the order of the table's key. */
function sumUp(records: readonly Counted[]): SumRow[] {
  // Many requests of few keys: those that go into the same three rows are one before rows are made of them.
  const alike = Map.groupBy(records, ({ at, key, team, model }) => JSON.stringify([at.slice(0, 13), key, team, model]));
  return mergeRows([...alike.values()].flatMap(toRows));
}

/** Rows with those of the same kind, start and name made one, in one order everywhere. */
export function mergeRows(rows: readonly SumRow[]): SumRow[] {
  const merged = new Map<string, SumRow>();
  for (const row of rows) {
    const place = JSON.stringify([row.kind, row.startsAt, row.name]);
    const other = merged.get(place);
    merged.set(place, other === undefined ? row : add(other, row));
  }
  return [...merged].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
}

/** The rows of records of one hour, key, team and model. */
function toRows(records: readonly Counted[]): SumRow[] {
  const [first] = records;
  if (first === undefined) return [];
  const { at, key, team = "", model } = first;
  const sums = {
    startsAt: `${new Date(at).toISOString().slice(0, 13)}:00:00.000Z`,
    requests: records.length,
    promptTokens: total(records, "promptTokens"),
    cachedTokens: total(records, "cachedTokens"),
    completionTokens: total(records, "completionTokens"),
    cost: total(records, "cost"),
  };
  return Object.entries({ key, team, model }).map(([kind, name]) => ({ kind, name, ...sums }));
}

function total(
  records: readonly Counted[],
  count: "promptTokens" | "cachedTokens" | "completionTokens" | "cost",
): number {
  return records.reduce((sum, record) => sum + record[count], 0);
}

function add(one: SumRow, other: SumRow): SumRow {
  return {
    ...one,
    requests: one.requests + other.requests,
    promptTokens: one.promptTokens + other.promptTokens,
    cachedTokens: one.cachedTokens + other.cachedTokens,
    completionTokens: one.completionTokens + other.completionTokens,
    cost: one.cost + other.cost,
  };
}
