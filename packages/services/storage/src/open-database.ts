import { join } from "node:path";
import type { StorageConfig } from "@hxp/schema-storage";
import type { Database } from "./database/database.ts";
import { openEmbedded } from "./embedded/open-embedded.ts";
import { readEndpoint } from "./postgres/client-config.ts";
import { openPostgres } from "./postgres/open-postgres.ts";

/** What {@link openDatabase} takes beside the config. */
export interface OpenDatabaseOptions {
  /** Folder of the embedded database, where the config names none: `storage` in the data folder. */
  readonly folder: string;
  /** Where secrets' variables are looked up. Default `process.env`. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
}

/**
 * Opens the database that a config names, for migrations, export, import and retention; servers use `openStorage`.
 * It connects with its first statement. Throws FILE_UNREADABLE when the file of `tls.ca` cannot be read, and
 * CONFIG_REFERENCE_MISSING when the password is not there.
 */
export async function openDatabase(config: StorageConfig, options: OpenDatabaseOptions): Promise<Database> {
  const { url, folder = options.folder, timeouts } = config;
  if (url === undefined) return openEmbedded({ file: join(folder, "hxp.db"), lockTimeout: timeouts.lock });
  return openPostgres(await readEndpoint(url, config, options), config);
}
