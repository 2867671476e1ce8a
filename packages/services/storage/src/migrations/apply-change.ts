import type { Session } from "../database/database.ts";
import { quote, renderColumn, renderIndex, renderTable } from "../schema/render.ts";
import type { Change } from "./change.ts";

/** Does what a change says, but for a fill, which is done in batches. */
export async function applyChange(session: Session, change: Change): Promise<void> {
  for (const sql of renderChange(session.dialect, change)) await session.query(sql);
}

/** Does the opposite of a change. A fill needs none: what it filled goes with its table or column. */
export async function undoChange(session: Session, change: Change): Promise<void> {
  for (const sql of renderOpposite(session.dialect, change)) await session.query(sql);
}

function renderChange(dialect: Session["dialect"], change: Change): string[] {
  switch (change.kind) {
    case "create-table":
      return [renderTable(dialect, change.table), ...(change.first === undefined ? [] : [change.first])];
    case "add-column":
      return [`ALTER TABLE ${quote(change.table)} ADD COLUMN ${renderColumn(dialect, change.column)}`];
    case "create-index":
      return [renderIndex(dialect, change.index)];
    case "drop-index":
      return [`DROP INDEX ${quote(change.index.name)}`];
    case "fill":
      break;
  }
  return [];
}

function renderOpposite(dialect: Session["dialect"], change: Change): string[] {
  switch (change.kind) {
    case "create-table":
      return [`DROP TABLE ${quote(change.table.name)}`];
    case "add-column":
      return [`ALTER TABLE ${quote(change.table)} DROP COLUMN ${quote(change.column.name)}`];
    case "create-index":
      return renderChange(dialect, { kind: "drop-index", index: change.index });
    case "drop-index":
      return renderChange(dialect, { kind: "create-index", index: change.index });
    case "fill":
      break;
  }
  return [];
}
