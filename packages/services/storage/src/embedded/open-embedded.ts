import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { createQueue, type Queue } from "../database/create-queue.ts";
import type { Database, Session } from "../database/database.ts";
import { type Connection, connect } from "./connection.ts";
import { toStorageError } from "./to-storage-error.ts";

/** What {@link openEmbedded} takes. */
export interface EmbeddedOptions {
  /** The database's file; its folder is made. */
  readonly file: string;
  /** Milliseconds to wait for another process that writes. */
  readonly lockTimeout: number;
}

/** Opens the embedded database: SQLite, which several processes on one computer can have open. */
export function openEmbedded({ file, lockTimeout }: EmbeddedOptions): Database {
  const connection = connect({ file, lockTimeout, readOnly: false });
  const queue = createQueue();
  let isMade = false;

  const makeOnce = (): void => {
    if (!isMade) makeFile(file);
    isMade = true;
  };
  const inTurn = <T>(work: () => Promise<T>): Promise<T> =>
    queue(async () => {
      makeOnce();
      return work();
    });
  const query: Session["query"] = (sql, values) => inTurn(() => connection.query(sql, values));
  const transaction = <T>(work: (session: Session) => Promise<T>): Promise<T> =>
    inTurn(() => transact(connection, "BEGIN IMMEDIATE", () => work(connection)));

  return {
    dialect: "sqlite",
    name: file,
    query,
    transaction,
    snapshot: (work) => readAside(file, lockTimeout, work),
    // Every step of a migration is a writing transaction of its own here, which looks first whether it is done.
    exclusive: (work) => work({ dialect: "sqlite", query, transaction }),
    [Symbol.asyncDispose]: () => closeAfter(queue, connection),
  };
}

/** Its own connection: reading for minutes holds nobody's writing up. */
async function readAside<T>(file: string, lockTimeout: number, work: (session: Session) => Promise<T>): Promise<T> {
  const connection = connect({ file, lockTimeout, readOnly: true });
  try {
    return await transact(connection, "BEGIN", () => work(connection));
  } finally {
    await connection.close();
  }
}

async function transact<T>(session: Session, begin: string, work: () => Promise<T>): Promise<T> {
  await session.query(begin);
  try {
    const result = await work();
    await session.query("COMMIT");
    return result;
  } catch (error) {
    // A full disk has rolled back by itself.
    await session.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

function makeFile(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // SQLite gives its other files the same mode: nobody else reads who used what.
    closeSync(openSync(file, "a", 0o600));
  } catch (error) {
    throw toStorageError({ message: error instanceof Error ? error.message : String(error), code: 14 }, file);
  }
}

async function closeAfter(queue: Queue, connection: Connection): Promise<void> {
  await queue(() => connection.close());
}
