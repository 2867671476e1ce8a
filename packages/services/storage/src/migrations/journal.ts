import type { Session } from "../database/database.ts";
import { renderTable } from "../schema/render.ts";
import type { Table } from "../schema/table.ts";
import type { PlannedStep } from "./change.ts";
import type { DoneStep } from "./plan-migration.ts";

// Servers of every version read it: it never changes.
const table: Table = {
  name: "hxp_migrations",
  columns: [
    { name: "version", type: "integer" },
    { name: "number", type: "integer" },
    { name: "name", type: "text" },
    { name: "at", type: "instant" },
  ],
  primaryKey: ["version", "number"],
};

/** The steps that a database has behind it; none, when it is new. */
export async function readJournal(session: Session): Promise<readonly DoneStep[]> {
  if (!(await hasTable(session, table.name))) return [];
  const rows = await session.query("SELECT version, number FROM hxp_migrations ORDER BY version, number");
  return rows.map((row) => ({ version: Number(row["version"]), number: Number(row["number"]) }));
}

/** Makes the journal where there is none. */
export async function createJournal(session: Session): Promise<void> {
  if (!(await hasTable(session, table.name))) await session.query(renderTable(session.dialect, table));
}

/** Writes down that a step is done; false: it was already. */
export async function noteDone(session: Session, { version, number, name }: PlannedStep): Promise<boolean> {
  const rows = await session.query(
    "INSERT INTO hxp_migrations VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING number",
    [version, number, name, new Date().toISOString()],
  );
  return rows.length > 0;
}

/** Writes down that a step is undone; false: it was already. */
export async function noteUndone(session: Session, { version, number }: PlannedStep): Promise<boolean> {
  const rows = await session.query("DELETE FROM hxp_migrations WHERE version = $1 AND number = $2 RETURNING number", [
    version,
    number,
  ]);
  return rows.length > 0;
}

async function hasTable(session: Session, name: string): Promise<boolean> {
  const sql =
    session.dialect === "sqlite"
      ? "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = $1"
      : "SELECT relname FROM pg_class WHERE oid = to_regclass($1)";
  return (await session.query(sql, [name])).length > 0;
}
