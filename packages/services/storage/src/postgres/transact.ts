import { setTimeout as delay } from "node:timers/promises";
import type { ClientBase, Pool } from "pg";
import type { Row, Session } from "../database/database.ts";
import { sqlStateOf, toStorageError } from "./to-storage-error.ts";

/** A transaction. */
export interface Transaction<T> {
  readonly begin: string;
  readonly work: (session: Session) => Promise<T>;
}

// Lost against another transaction: serialisation, deadlock, a lock that was not given in time.
const worthAnotherTry = new Set(["40001", "40P01", "55P03"]);
const mostTries = 30;

/** Runs a transaction on a connection, again when it lost against another one. */
export async function transact<T>(client: ClientBase, name: string, transaction: Transaction<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt(client, transaction);
    } catch (error) {
      if (tries >= mostTries || !worthAnotherTry.has(sqlStateOf(error) ?? "")) throw toStorageError(error, name);
      await delay(Math.random() * 20 * tries);
    }
  }
}

/** Statements on a connection, or on any of a pool; what fails is one of our errors. */
export function toSession(client: ClientBase | Pool, name: string): Session {
  const raw = toRawSession(client);
  return {
    ...raw,
    query: async (sql, values) => {
      try {
        return await raw.query(sql, values);
      } catch (error) {
        throw toStorageError(error, name);
      }
    },
  };
}

/** Its errors are the driver's, which tell whether another try is worth it. */
function toRawSession(client: ClientBase | Pool): Session {
  return {
    dialect: "postgres",
    query: async (text, values = []) => {
      const { rows } = await client.query({ text, values: [...values] });
      return rows as Row[];
    },
  };
}

async function attempt<T>(client: ClientBase, { begin, work }: Transaction<T>): Promise<T> {
  await client.query(begin);
  try {
    const result = await work(toRawSession(client));
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}
