import { setTimeout as delay } from "node:timers/promises";
import { isHxpError } from "@hxp/errors";
import type { StorageConfig } from "@hxp/schema-storage";
import { Client, type ClientBase, Pool } from "pg";
import type { Database, ExclusiveSession, Session } from "../database/database.ts";
import type { Endpoint } from "./client-config.ts";
import { toSession, transact } from "./transact.ts";
import { toStorageError } from "./to-storage-error.ts";

// "hxp", and what the lock is for: migrations of the one database that one is connected to.
const lock = "6846576, 1";
const lockPollMs = 250;

// What is acknowledged is on the disk, times are in UTC, and a client that was cut off holds no lock for long.
const settings = [
  "SET TimeZone = 'UTC'",
  "SET DateStyle = 'ISO, YMD'",
  "SET synchronous_commit = on",
  "SET idle_in_transaction_session_timeout = '60s'",
];

// A connection that breaks between two statements is found out by the next one.
const ignore = (): void => undefined;

/** Opens a pool of connections to PostgreSQL. Nothing is sent before the first statement. */
export function openPostgres({ name, client }: Endpoint, { pool: size, timeouts }: StorageConfig): Database {
  const pool = new Pool({
    ...client,
    max: size.size,
    idleTimeoutMillis: size.idle,
    allowExitOnIdle: true,
    // A server that is gone without a word answers nothing; it is not waited for much longer than it could work.
    query_timeout: timeouts.statement + timeouts.connect,
    // oxlint-disable-next-line typescript/no-misused-promises -- the pool waits for it, which its types do not say
    onConnect: (connected) => prepare(connected, timeouts.statement),
  });
  pool.on("error", ignore);
  const single = new Set<Client>();

  /** A connection of its own, on which statements may take their time. */
  const withClient = async <T>(work: (connected: Client) => Promise<T>): Promise<T> => {
    const connected = new Client(client);
    connected.on("error", ignore);
    single.add(connected);
    try {
      await connected.connect();
      await prepare(connected, 0);
      return await work(connected);
    } catch (error) {
      throw toStorageError(error, name);
    } finally {
      single.delete(connected);
      await connected.end().catch(() => undefined);
    }
  };

  return {
    dialect: "postgres",
    name,
    query: (sql, values) => toSession(pool, name).query(sql, values),
    transaction: (work) => inPool(pool, name, work),
    snapshot: (work) =>
      withClient((connected) =>
        transact(connected, name, { begin: "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", work }),
      ),
    exclusive: (work) => withClient((connected) => withLock(connected, name, work)),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...single].map((connected) => connected.end().catch(() => undefined)));
      await pool.end();
    },
  };
}

async function prepare(client: ClientBase, statementTimeout: number): Promise<void> {
  await client.query([...settings, `SET statement_timeout = ${statementTimeout}`].join("; "));
}

async function inPool<T>(pool: Pool, name: string, work: (session: Session) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw toStorageError(error, name);
  });
  client.on("error", ignore);
  let failure: unknown;
  try {
    return await transact(client, name, { begin: "BEGIN", work });
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    client.off("error", ignore);
    // A connection that failed is not used again.
    client.release(isHxpError(failure, "STORAGE_UNAVAILABLE"));
  }
}

async function withLock<T>(client: Client, name: string, work: (session: ExclusiveSession) => Promise<T>): Promise<T> {
  // Asked for again and again: a statement that waited would hold up indexes that the lock's holder builds.
  for (;;) {
    const { rows } = await client.query<{ is_ours: string }>(`SELECT pg_try_advisory_lock(${lock}) AS is_ours`);
    if (rows[0]?.is_ours === "t") break;
    await delay(lockPollMs);
  }
  // The connection ends after this, and the lock with it.
  return work({
    ...toSession(client, name),
    transaction: (inner) => transact(client, name, { begin: "BEGIN; SET LOCAL lock_timeout = '2s'", work: inner }),
  });
}
