import type { Session } from "../database/database.ts";

/**
 * The next revision. Its row is locked until the transaction ends, so revisions become visible in their order, and who
 * has seen one has seen all before it: a sequence would hand 7 out before 6 is committed.
 */
export async function nextRevision(session: Session): Promise<number> {
  const [row] = await session.query(
    "UPDATE hxp_key_revision SET revision = revision + 1 WHERE id = 1 RETURNING revision",
  );
  return Number(row?.["revision"]);
}

/** The last revision that a key got; 0: none did. */
export async function readKeyRevision(session: Session): Promise<number> {
  const [row] = await session.query("SELECT revision FROM hxp_key_revision WHERE id = 1");
  return Number(row?.["revision"]);
}

/** Goes on from a revision that was given elsewhere, unless a later one was given here. */
export async function raiseKeyRevision(session: Session, revision: number): Promise<void> {
  await session.query("UPDATE hxp_key_revision SET revision = $1 WHERE id = 1 AND revision < $1", [revision]);
}
