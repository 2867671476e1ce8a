import { setTimeout as delay } from "node:timers/promises";
import { HxpError, toHxpError } from "@hxp/errors";
import type { Database } from "../database/database.ts";
import { readJournal } from "./journal.ts";
import { migrate } from "./migrate.ts";
import { codeVersion, migrations } from "./migrations.ts";
import { planMigration, usableVersion } from "./plan-migration.ts";

/** What {@link finishMigration} takes beside the database. */
export interface FinishOptions {
  /** What already runs; it is waited for first. */
  readonly running: Promise<unknown>;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Told each time that it fails, with when it is tried again as `details.retryInMs`. Must not throw. */
  readonly onProblem: (problem: HxpError) => void;
  /** Milliseconds before it is tried again, twice as long each time. Default 5,000. */
  readonly firstWaitMs?: number | undefined;
}

const mostWaitMs = 600_000;

/**
 * Takes the steps that are left when a database can be used: backfill and contract. One that fails is taken again, after 5 s,
 * 10 s and so on, at most 10 minutes, until all are done, the signal is aborted or somebody has rolled the database back. It
 * keeps no process alive and never rejects.
 */
export async function finishMigration(database: Database, options: FinishOptions): Promise<void> {
  const { signal, onProblem, firstWaitMs = 5_000 } = options;
  let { running } = options;
  for (let wait = firstWaitMs; ; wait = Math.min(2 * wait, mostWaitMs)) {
    try {
      await running;
      return;
    } catch (error) {
      if (signal.aborted) return;
      onProblem(describe(database.name, error, wait));
    }
    await delay(wait, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    running = goOn(database);
  }
}

async function goOn(database: Database): Promise<void> {
  const done = await readJournal(database);
  const isLeft = planMigration(migrations, done).length > 0 && usableVersion(migrations, done) >= codeVersion;
  if (isLeft) await migrate(database);
}

function describe(name: string, cause: unknown, retryInMs: number): HxpError {
  const { code, message } = toHxpError(cause);
  const text = `${name} is not brought to version ${codeVersion} as a whole yet, which is tried again in ${retryInMs / 1000} s: ${message}`;
  return new HxpError(code, text, { cause, details: { retryInMs } });
}
