import { HxpError } from "@hxp/errors";
import type { Database, ExclusiveSession, Session } from "../database/database.ts";
import { undoChange } from "./apply-change.ts";
import { buildIndex } from "./build-index.ts";
import type { Migration, PlannedStep } from "./change.ts";
import { noteUndone, readJournal } from "./journal.ts";
import { migrations as ours } from "./migrations.ts";
import { planRollback } from "./plan-migration.ts";

/** What {@link rollBackTo} takes beside the database and the version. */
export interface RollBackOptions {
  /** Whether what nothing else holds may go. Default: no. */
  readonly discard?: boolean | undefined;
  /** Told before each step, which waits for it. */
  readonly onStep?: ((step: PlannedStep) => void | Promise<void>) | undefined;
  /** Every version. Default: ours. */
  readonly migrations?: readonly Migration[] | undefined;
}

/**
 * Undoes a database's versions after `version`, the last step first, and says which steps this call undid. Servers of
 * the versions that are undone must have ended. Throws STORAGE_WOULD_LOSE_DATA, before anything is done, when something
 * would go that nothing else holds, and USAGE_INVALID when there is no such version.
 */
export async function rollBackTo(
  database: Database,
  version: number,
  options: RollBackOptions = {},
): Promise<readonly PlannedStep[]> {
  const { discard = false, onStep, migrations = ours } = options;
  if (planRollback(migrations, await readJournal(database), version).length === 0) return [];
  return database.exclusive(async (session) => {
    const plan = planRollback(migrations, await readJournal(session), version);
    if (!discard) await refuseLoss(database, session, plan);
    const undone: PlannedStep[] = [];
    for (const step of plan) {
      await onStep?.(step);
      if (await undoStep(session, step)) undone.push(step);
    }
    return undone;
  });
}

async function refuseLoss({ name }: Database, session: Session, plan: readonly PlannedStep[]): Promise<void> {
  const losses: string[] = [];
  for (const { version, change } of plan) {
    const lost = change.kind === "create-table" ? await change.loses?.(session) : undefined;
    if (lost !== undefined) losses.push(`version ${version} holds ${lost}`);
  }
  if (losses.length === 0) return;
  const message = `The schema of ${name} is not rolled back: ${losses.join("; ")}.`;
  throw new HxpError("STORAGE_WOULD_LOSE_DATA", message);
}

async function undoStep(session: ExclusiveSession, step: PlannedStep): Promise<boolean> {
  const { change } = step;
  const isBuiltAhead = change.kind === "drop-index" && session.dialect === "postgres";
  if (isBuiltAhead) await buildIndex(session, change.index);
  return session.transaction(async (inner) => {
    if (!(await noteUndone(inner, step))) return false;
    if (!isBuiltAhead) await undoChange(inner, change);
    return true;
  });
}
