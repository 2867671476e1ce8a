import { HxpError } from "@hxp/errors";
import type { Dialect, Row, Value } from "../database/database.ts";
import { quote } from "./render.ts";
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

/** INSERT of so many rows; `after` is what stands behind the values. */
export function renderInsert(table: Table, rows: number, after = ""): string {
  const { columns } = table;
  const tuples = Array.from({ length: rows }, (_, row) => {
    const places = columns.map((__, column) => `$${row * columns.length + column + 1}`);
    return `(${places.join(", ")})`;
  });
  return `INSERT INTO ${quote(table.name)} (${namesOf(table)}) VALUES ${tuples.join(", ")} ${after}`.trimEnd();
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
  if (type === "instant" && typeof value === "string") return new Date(value).toISOString();
  if (type === "boolean" && typeof value === "boolean") return dialect === "sqlite" ? Number(value) : String(value);
  if (typeof value === "string") return clean(value);
  if (typeof value === "number") return value;
  throw new HxpError("INTERNAL", `Column ${name} takes no ${typeof value}.`);
}

/** A record as a database keeps it: PostgreSQL takes neither zero bytes nor halves of characters. */
export function cleanTexts<T extends TableRecord>(record: T): T {
  const entries = Object.entries(record).map(([name, value]) => [
    name,
    typeof value === "string" ? clean(value) : value,
  ]);
  return Object.fromEntries(entries) as T;
}

function clean(text: string): string {
  return text.replaceAll("\0", "\uFFFD").toWellFormed();
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
