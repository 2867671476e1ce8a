import type { Database, ExclusiveSession, Session } from "../database/database.ts";
import { applyChange } from "./apply-change.ts";
import { buildIndex } from "./build-index.ts";
import type { Migration, PlannedStep } from "./change.ts";
import { createJournal, noteDone, readJournal } from "./journal.ts";
import { migrations as ours } from "./migrations.ts";
import { planMigration } from "./plan-migration.ts";

/** What {@link migrate} takes beside the database. */
export interface MigrateOptions {
  /** Version to lead up to. Default: the last one. */
  readonly target?: number | undefined;
  /** Told before each step, which waits for it. */
  readonly onStep?: ((step: PlannedStep) => void | Promise<void>) | undefined;
  /** Every version. Default: ours. */
  readonly migrations?: readonly Migration[] | undefined;
}

/**
 * Leads a database up to a version, and says which steps this call took. Servers of the version before go on meanwhile.
 * Each step is written down in the transaction that takes it, so wherever it is cut off, the next call goes on; two at
 * once take each step once. Throws USAGE_INVALID when there is no such version.
 */
export async function migrate(database: Database, options: MigrateOptions = {}): Promise<readonly PlannedStep[]> {
  const { target, onStep, migrations = ours } = options;
  if (planMigration(migrations, await readJournal(database), target).length === 0) return [];
  return database.exclusive(async (session) => {
    await session.transaction(createJournal);
    const taken: PlannedStep[] = [];
    for (const step of planMigration(migrations, await readJournal(session), target)) {
      await onStep?.(step);
      if (await takeStep(session, step)) taken.push(step);
    }
    return taken;
  });
}

async function takeStep(session: ExclusiveSession, step: PlannedStep): Promise<boolean> {
  const { change } = step;
  if (change.kind === "fill") await fill(session, change.some);
  const isBuiltAhead = change.kind === "create-index" && session.dialect === "postgres";
  if (isBuiltAhead) await buildIndex(session, change.index);
  return session.transaction(async (inner) => {
    // First, for it says whether another process has taken the step meanwhile.
    if (!(await noteDone(inner, step))) return false;
    if (!isBuiltAhead) await applyChange(inner, change);
    return true;
  });
}

async function fill(session: ExclusiveSession, some: (session: Session) => Promise<number>): Promise<void> {
  while ((await session.transaction(some)) > 0);
}
