import type { Session } from "../database/database.ts";
import { renderLiteral } from "../schema/render.ts";
import { decodeRow } from "../schema/rows.ts";
import { usageTable } from "../schema/tables.ts";
import { addToSums, type Counted } from "./add-to-sums.ts";

const batch = 500;

/**
 * Counts records that no sum has, some hundred at a time, and says how many: those of servers that know no sums. A
 * record is marked in the transaction that counts it, so wherever this is cut off, it goes on.
 */
export async function countSome(session: Session): Promise<number> {
  const [isFalse, isTrue] = [false, true].map((value) => renderLiteral(session.dialect, value));
  // Two nodes that count at once take different records.
  const lock = session.dialect === "sqlite" ? "" : "FOR UPDATE SKIP LOCKED";
  const rows = await session.query(
    `WITH chosen AS MATERIALIZED (SELECT id FROM hxp_usage WHERE counted = ${isFalse} ORDER BY id LIMIT $1 ${lock})
    UPDATE hxp_usage SET counted = ${isTrue} WHERE id IN (SELECT id FROM chosen) RETURNING *`,
    [batch],
  );
  await addToSums(
    session,
    rows.map((row) => decodeRow(usageTable, row) as unknown as Counted),
  );
  return rows.length;
}

/** What goes with the sums: requests whose records retention has deleted already. */
export async function lostRecords(session: Session): Promise<string | undefined> {
  const [row] = await session.query(`SELECT
    CAST((SELECT COALESCE(SUM(requests), 0) FROM hxp_usage_sums WHERE kind = 'model') AS TEXT) AS summed,
    CAST((SELECT COUNT(*) FROM hxp_usage) AS TEXT) AS recorded`);
  const lost = Number(row?.["summed"]) - Number(row?.["recorded"]);
  return lost > 0 ? `the sums of ${lost} requests whose records are deleted already` : undefined;
}
