import type { Dialect } from "../database/database.ts";
import type { Column, ColumnType, Index, Table } from "./table.ts";

const types: Readonly<Record<Dialect, Readonly<Record<ColumnType, string>>>> = {
  sqlite: { text: "TEXT", integer: "INTEGER", real: "REAL", boolean: "INTEGER", instant: "TEXT", json: "TEXT" },
  postgres: {
    // Ordered by bytes, as in SQLite: pages and digests are the same wherever they come from.
    text: 'text COLLATE "C"',
    integer: "bigint",
    real: "double precision",
    boolean: "boolean",
    instant: "timestamptz(3)",
    json: "jsonb",
  },
};

/** CREATE TABLE. */
export function renderTable(dialect: Dialect, { name, columns, primaryKey }: Table): string {
  const lines = [
    ...columns.map((column) => renderColumn(dialect, column)),
    `PRIMARY KEY (${primaryKey.map(quote).join(", ")})`,
  ];
  // Without rowid, a table is kept in the order of its key, as it is asked for.
  const suffix = dialect === "sqlite" ? " STRICT, WITHOUT ROWID" : "";
  return `CREATE TABLE ${quote(name)} (\n  ${lines.join(",\n  ")}\n)${suffix}`;
}

/** A column, as CREATE TABLE and ALTER TABLE ADD COLUMN write it. */
export function renderColumn(dialect: Dialect, column: Column): string {
  const { name, type, nullable = false, fallback } = column;
  const parts = [quote(name), types[dialect][type]];
  if (!nullable) parts.push("NOT NULL");
  if (fallback !== undefined) parts.push(`DEFAULT ${renderLiteral(dialect, fallback)}`);
  if (dialect === "sqlite" && type === "boolean") parts.push(`CHECK (${quote(name)} IN (0, 1))`);
  if (dialect === "sqlite" && type === "json") parts.push(`CHECK (json_valid(${quote(name)}))`);
  return parts.join(" ");
}

/** CREATE INDEX; `concurrently` holds nobody's writing up, and runs outside a transaction (PostgreSQL). */
export function renderIndex(dialect: Dialect, index: Index, concurrently = false): string {
  const { name, table, columns, only, isUnique = false } = index;
  const words = [
    isUnique ? "CREATE UNIQUE INDEX" : "CREATE INDEX",
    ...(concurrently && dialect === "postgres" ? ["CONCURRENTLY"] : []),
  ].join(" ");
  const where = only === undefined ? "" : ` WHERE ${quote(only.column)} = ${renderLiteral(dialect, only.is)}`;
  return `${words} ${quote(name)} ON ${quote(table)} (${columns.map(quote).join(", ")})${where}`;
}

/** A constant in SQL. */
export function renderLiteral(dialect: Dialect, value: string | number | boolean): string {
  if (typeof value === "boolean") return dialect === "sqlite" ? String(Number(value)) : String(value);
  return typeof value === "number" ? String(value) : `'${value.replaceAll("'", "''")}'`;
}

/** An element of the JSON array `value`, as a value of a column. */
export function renderElement(dialect: Dialect, type: ColumnType, index: number): string {
  const text = `value ->> ${index}`;
  return dialect === "sqlite" ? text : `(${text})::${types.postgres[type]}`;
}

/** A name in SQL. */
export function quote(name: string): string {
  return `"${name}"`;
}
