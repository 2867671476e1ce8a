import type { Database } from "../database/database.ts";
import type { Phase } from "./change.ts";
import { readJournal } from "./journal.ts";
import { codeVersion, migrations } from "./migrations.ts";
import { planMigration, usableVersion } from "./plan-migration.ts";

/** Where a database stands. */
export interface MigrationStatus {
  /** What is connected to, without secrets. */
  readonly database: string;
  /** The version that servers can use; 0: the database is empty. */
  readonly version: number;
  /** The version that this program is written for; it serves the next one, too. */
  readonly programVersion: number;
  /** The steps that `migrate` would take. */
  readonly pending: readonly { readonly version: number; readonly phase: Phase; readonly name: string }[];
}

/** Says where a database stands, and changes nothing. */
export async function migrationStatus(database: Database): Promise<MigrationStatus> {
  const done = await readJournal(database);
  const newest = Math.max(0, ...done.map(({ version }) => version));
  return {
    database: database.name,
    version: Math.max(usableVersion(migrations, done), newest > codeVersion ? newest : 0),
    programVersion: codeVersion,
    pending: planMigration(migrations, done).map(({ version, phase, name }) => ({ version, phase, name })),
  };
}
