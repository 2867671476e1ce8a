import type { Session } from "../database/database.ts";
import { quote, renderIndex } from "../schema/render.ts";
import type { Index } from "../schema/table.ts";

/**
 * Builds an index on PostgreSQL without holding writers up, which cannot be a part of a transaction. An index that a
 * build left behind when it was cut off is not valid, and is built anew.
 */
export async function buildIndex(session: Session, index: Index): Promise<void> {
  const [found] = await session.query("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)", [
    index.name,
  ]);
  if (found?.["indisvalid"] === "t") return;
  if (found !== undefined) await session.query(`DROP INDEX CONCURRENTLY IF EXISTS ${quote(index.name)}`);
  await session.query(renderIndex("postgres", index, true));
}
