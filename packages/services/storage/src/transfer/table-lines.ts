import { createHash } from "node:crypto";
import type { Session, Value } from "../database/database.ts";
import { quote } from "../schema/render.ts";
import { decodeRow, namesOf, type TableRecord } from "../schema/rows.ts";
import type { Table } from "../schema/table.ts";

const page = 1000;

/**
 * The rows of a table as lines of JSON in the order of its key: the same bytes for the same records, whichever database
 * holds them. Reads a page at a time.
 */
export async function* readTableLines(session: Session, table: Table): AsyncGenerator<string> {
  const key = table.primaryKey.map(quote).join(", ");
  const places = table.primaryKey.map((_, index) => `$${index + 1}`).join(", ");
  let last: Value[] | undefined;
  for (;;) {
    const after = last === undefined ? "" : `WHERE (${key}) > (${places})`;
    const sql = `SELECT ${namesOf(table)} FROM ${quote(table.name)} ${after} ORDER BY ${key} LIMIT ${page}`;
    const rows = await session.query(sql, last ?? []);
    for (const row of rows) yield toLine(decodeRow(table, row));
    const final = rows.at(-1);
    if (final === undefined || rows.length < page) return;
    last = table.primaryKey.map((name) => final[name] ?? null);
  }
}

/** How many rows a table has, and the digest of their lines. */
export async function digestTable(session: Session, table: Table): Promise<{ rows: number; sha256: string }> {
  const hash = createHash("sha256");
  let rows = 0;
  for await (const line of readTableLines(session, table)) {
    hash.update(line);
    rows += 1;
  }
  return { rows, sha256: hash.digest("hex") };
}

/** A record as a line: maps within it in the order of their keys, for a database may keep them in its own. */
function toLine(record: TableRecord): string {
  const text = JSON.stringify(record, (_, value: unknown) => {
    const isMap = typeof value === "object" && value !== null && !Array.isArray(value) && value !== record;
    return isMap
      ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : value;
  });
  return `${text}\n`;
}
