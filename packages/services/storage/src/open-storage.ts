import { join } from "node:path";
import type { StorageConfig, Stores } from "@hxp/schema-storage";
import type { Database } from "./database/database.ts";
import { openEmbedded } from "./embedded/open-embedded.ts";
import { createKeyStore } from "./keys/create-key-store.ts";
import { migrate } from "./migrations/migrate.ts";
import { createUsageStore } from "./usage/create-usage-store.ts";

/** What {@link openStorage} takes beside the config. */
export interface OpenStorageOptions {
  /** Folder of the embedded database, where the config names none: `storage` in the data folder. */
  readonly folder: string;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** Opens what keys and usage are kept in, and brings it up to the version of this code. */
export async function openStorage(config: StorageConfig, options: OpenStorageOptions): Promise<Stores> {
  const database = openDatabase(config, options);
  await migrate(database);
  return {
    keys: createKeyStore(database),
    usage: createUsageStore(database, { now: options.now ?? Date.now }),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

function openDatabase(config: StorageConfig, options: OpenStorageOptions): Database {
  const file = join(config.folder ?? options.folder, "hxp.db");
  return openEmbedded({ file, lockTimeout: config.timeouts.lock });
}
