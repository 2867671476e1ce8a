import { HxpError } from "@hxp/errors";
import type { Dialect, Row, Value } from "../database/database.ts";
import { quote, renderElement } from "./render.ts";
import type { Column, Table } from "./table.ts";

/** A record of a table: a property a column, its name in camel case; null and undefined are left out. */
export type TableRecord = Readonly<Record<string, unknown>>;

// Columns are few, and their names are asked for with every value.
const properties = new Map<string, string>();

/** The values of a record in the order of its table's columns. Times are cut to milliseconds. */
export function encodeRow(dialect: Dialect, table: Table, record: TableRecord): Value[] {
  return table.columns.map((column) => encode(dialect, column, record[propertyOf(column)]));
}

/** A row as a record. */
export function decodeRow(table: Table, row: Row): TableRecord {
  const known = table.columns.map((column) => [propertyOf(column), decode(column, row[column.name])] as const);
  return Object.fromEntries(known.filter(([, value]) => value !== undefined));
}

/** INSERT of one row, whose values are those of {@link encodeRow}; `after` is what stands behind them. */
export function renderInsert(table: Table, after: string): string {
  const places = table.columns.map((_, column) => `$${column + 1}`);
  return `INSERT INTO ${quote(table.name)} (${namesOf(table)}) VALUES (${places.join(", ")}) ${after}`;
}

/**
 * INSERT of any number of rows, all of which are one value: that of {@link encodeRows}. A statement with a place for every value
 * takes three times as long, and is another one for every number of rows.
 */
export function renderInsertAll(dialect: Dialect, table: Table, after: string): string {
  const values = table.columns.map(({ type }, column) => renderElement(dialect, type, column));
  // SQLite would read ON CONFLICT as the condition of a join.
  const rows = dialect === "sqlite" ? "json_each($1) WHERE true" : "jsonb_array_elements($1::jsonb) AS rows (value)";
  return `INSERT INTO ${quote(table.name)} (${namesOf(table)}) SELECT ${values.join(", ")} FROM ${rows} ${after}`;
}

/** The rows of records, for {@link renderInsertAll}. */
export function encodeRows(dialect: Dialect, table: Table, records: readonly TableRecord[]): string {
  return JSON.stringify(records.map((record) => encodeRow(dialect, table, record)));
}

/** The columns of a table as SQL lists them. */
export function namesOf({ columns }: Table): string {
  return columns.map(({ name }) => quote(name)).join(", ");
}

function propertyOf({ name }: Column): string {
  const known = properties.get(name);
  if (known !== undefined) return known;
  const property = name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  properties.set(name, property);
  return property;
}

function encode(dialect: Dialect, { name, type }: Column, value: unknown): Value {
  if (value === undefined || value === null) return null;
  if (type === "json") return clean(JSON.stringify(value).replaceAll(String.raw`\u0000`, String.raw`\ufffd`));
  if (type === "instant" && typeof value === "string") return toInstant(value);
  if (type === "boolean" && typeof value === "boolean") return dialect === "sqlite" ? Number(value) : String(value);
  if (typeof value === "string") return clean(value);
  if (typeof value === "number") return value;
  throw new HxpError("INTERNAL", `Column ${name} takes no ${typeof value}.`);
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function toInstant(text: string): string {
  return instant.test(text) ? text : new Date(text).toISOString();
}

/** A record as a database keeps it: PostgreSQL takes neither zero bytes nor halves of characters. */
export function cleanTexts<T extends TableRecord>(record: T): T {
  if (Object.values(record).every((value) => typeof value !== "string" || isClean(value))) return record;
  const entries = Object.entries(record).map(([name, value]) => [
    name,
    typeof value === "string" ? clean(value) : value,
  ]);
  return Object.fromEntries(entries) as T;
}

function clean(text: string): string {
  return isClean(text) ? text : text.replaceAll("\0", "\uFFFD").toWellFormed();
}

function isClean(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

function decode({ type }: Column, value: Value | undefined): unknown {
  if (value === undefined || value === null) return undefined;
  switch (type) {
    case "integer":
    case "real":
      return Number(value);
    case "boolean":
      return value === 1 || value === "t";
    case "json":
      return JSON.parse(String(value));
    case "instant":
      return new Date(String(value)).toISOString();
    case "text":
      break;
  }
  return String(value);
}
