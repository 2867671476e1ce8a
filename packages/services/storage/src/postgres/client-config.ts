import { readFile } from "node:fs/promises";
import { HxpError } from "@hxp/errors";
import { isLocalDatabase, type StorageConfig } from "@hxp/schema-storage";
import type { ClientConfig, CustomTypesConfig } from "pg";

/** How one connects to PostgreSQL, and what the database is called in messages. */
export interface Endpoint {
  readonly name: string;
  readonly client: ClientConfig;
}

/** What {@link readEndpoint} takes beside the config. */
export interface EndpointOptions {
  /** Where secrets' variables are looked up. Default `process.env`. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
}

const socketFolder = "/var/run/postgresql";

// Values stay as PostgreSQL writes them: rows are decoded by the description of their table.
const types: CustomTypesConfig = { getTypeParser: () => (text: string) => text };

/**
 * Reads how to connect from the config. Throws FILE_UNREADABLE when the authorities cannot be
 * read, and CONFIG_REFERENCE_MISSING when the password is not there.
 */
export async function readEndpoint(url: string, config: StorageConfig, options: EndpointOptions): Promise<Endpoint> {
  const { hostname, port, pathname, username } = new URL(url);
  const host = hostname === "" ? socketFolder : decodeURIComponent(hostname).replace(/^\[(.*)\]$/, "$1");
  const database = decodeURIComponent(pathname.slice(1));
  const { password, timeouts } = config;
  // A reference that leads nowhere is a fault of the config, found when it is read.
  await password?.reveal(options);
  return {
    name: `${host}:${port === "" ? "5432" : port}/${database}`,
    client: {
      host,
      port: port === "" ? 5432 : Number(port),
      database,
      ...(username === "" ? {} : { user: decodeURIComponent(username) }),
      // Anew for every connection: a rotated password is used by the next one.
      ...(password === undefined ? {} : { password: () => password.reveal(options) }),
      ssl: await readTls(url, config),
      connectionTimeoutMillis: timeouts.connect,
      keepAlive: true,
      application_name: "hxp",
      types,
    },
  };
}

async function readTls(url: string, { tls }: StorageConfig): Promise<ClientConfig["ssl"]> {
  const mode = tls.mode ?? (isLocalDatabase(url) ? "off" : "verify");
  if (mode === "off") return false;
  if (mode === "encrypt") return { rejectUnauthorized: false };
  if (tls.ca === undefined) return { rejectUnauthorized: true };
  try {
    return { rejectUnauthorized: true, ca: await readFile(tls.ca, "utf8") };
  } catch (error) {
    const message = `The file of tls.ca, ${tls.ca}, cannot be read: ${error instanceof Error ? error.message : "unknown"}.`;
    throw new HxpError("FILE_UNREADABLE", message, { cause: error });
  }
}
