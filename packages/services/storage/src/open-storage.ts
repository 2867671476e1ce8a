import { isHxpError } from "@hxp/errors";
import type { StorageConfig, Stores } from "@hxp/schema-storage";
import type { Database } from "./database/database.ts";
import { guardDatabase } from "./database/guard-database.ts";
import { createKeyStore } from "./keys/create-key-store.ts";
import { prepare } from "./migrations/prepare.ts";
import { openDatabase, type OpenDatabaseOptions } from "./open-database.ts";
import { keepRetention } from "./retention/keep-retention.ts";
import { createUsageStore } from "./usage/create-usage-store.ts";

/** What {@link openStorage} takes beside the config. */
export interface OpenStorageOptions extends OpenDatabaseOptions {
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** Told what fails without a caller: the first connection, a backfill, retention. Default: nobody. */
  readonly onProblem?: ((problem: unknown) => void) | undefined;
}

/**
 * Opens what keys and usage are kept in, brings it up to the version of this code, and keeps what it says about
 * retention every hour, from five minutes on. When PostgreSQL does not answer, the stores are there all the same and throw
 * STORAGE_UNAVAILABLE until it does. Throws STORAGE_UNAVAILABLE when the embedded database cannot be opened,
 * STORAGE_VERSION_UNSUPPORTED when this code is too old or too new for the database, and what `openDatabase` throws.
 */
export async function openStorage(config: StorageConfig, options: OpenStorageOptions): Promise<Stores> {
  const { now = Date.now, onProblem = () => undefined } = options;
  const database = await openDatabase(config, options);
  const closing = new AbortController();
  const guarded = guardDatabase(database, {
    prepare: () => prepare(database, { migration: config.migration, onProblem, signal: closing.signal }),
    // Another node may be at it. Who waits for the embedded database waits for this process itself.
    patience: database.dialect === "sqlite" ? undefined : config.timeouts.statement,
  });
  try {
    await tryFirst(guarded, onProblem);
  } catch (error) {
    closing.abort();
    await database[Symbol.asyncDispose]();
    throw error;
  }
  const retention = keepRetention(guarded, config.retention, { now, onProblem });
  return {
    keys: createKeyStore(guarded),
    usage: createUsageStore(guarded, { now }),
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await retention[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** A server that starts before its database is no server that failed. */
async function tryFirst(database: Database, onProblem: (problem: unknown) => void): Promise<void> {
  try {
    await database.query("SELECT 1");
  } catch (error) {
    if (database.dialect === "sqlite" || !isHxpError(error, "STORAGE_UNAVAILABLE")) throw error;
    onProblem(error);
  }
}
