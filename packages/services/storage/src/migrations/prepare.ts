import { setTimeout as delay } from "node:timers/promises";
import { HxpError } from "@hxp/errors";
import type { Database } from "../database/database.ts";
import { finishMigration, type FinishOptions } from "./finish-migration.ts";
import { readJournal } from "./journal.ts";
import { migrate } from "./migrate.ts";
import { codeVersion, migrations } from "./migrations.ts";
import { type DoneStep, planMigration, usableVersion } from "./plan-migration.ts";

const pollMs = 100;

/** What {@link prepare} takes beside the database; the rest is for what goes on when it has come back. */
export interface PrepareOptions extends Omit<FinishOptions, "running"> {
  /** Whether the schema is brought up to this code's version, or must be there. */
  readonly migration: "automatic" | "manual";
}

/**
 * Makes a database usable by this code: brings it up to its version, and comes back as soon as that is expanded, while
 * its rows are still being brought to it, by {@link finishMigration}. Throws STORAGE_VERSION_UNSUPPORTED when the database is too new, or too old
 * and migrations are manual.
 */
export async function prepare(database: Database, { migration, ...finish }: PrepareOptions): Promise<void> {
  const done = await readJournal(database);
  checkNotTooNew(database, done);
  if (planMigration(migrations, done).length === 0) return;
  if (migration === "manual") {
    checkUsable(database, done);
    return;
  }
  const ended = new AbortController();
  const running = migrate(database).finally(() => ended.abort());
  try {
    // Another node may hold the lock for as long as its backfill takes; this one serves as soon as it can.
    await Promise.race([running, untilUsable(database, ended.signal)]);
    // It may have looked its last time just before `running` failed.
    if (!isUsable(await readJournal(database))) await running;
  } catch (error) {
    running.catch(() => undefined);
    if (!isUsable(await readJournal(database))) throw error;
  }
  void finishMigration(database, { ...finish, running });
}

async function untilUsable(database: Database, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !isUsable(await readJournal(database))) await delay(pollMs);
}

function isUsable(done: readonly DoneStep[]): boolean {
  return usableVersion(migrations, done) >= codeVersion;
}

function checkNotTooNew(database: Database, done: readonly DoneStep[]): void {
  const newest = Math.max(0, ...done.map(({ version }) => version));
  if (newest <= codeVersion + 1) return;
  const message = `${database.name} has version ${newest} of the storage's schema; this program serves versions ${codeVersion} and ${codeVersion + 1}.`;
  throw new HxpError("STORAGE_VERSION_UNSUPPORTED", message);
}

function checkUsable(database: Database, done: readonly DoneStep[]): void {
  const usable = usableVersion(migrations, done);
  if (usable >= codeVersion) return;
  const message = `${database.name} has version ${usable} of the storage's schema, this program needs ${codeVersion}, and storage.migration is manual.`;
  throw new HxpError("STORAGE_VERSION_UNSUPPORTED", message);
}
