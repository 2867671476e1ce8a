import { setTimeout as delay } from "node:timers/promises";
import { HxpError } from "@hxp/errors";
import type { Database } from "./database.ts";

/** What {@link guardDatabase} takes beside the database. */
export interface GuardOptions {
  /** Makes the database usable. When it fails, so do the statements that wait for it, and the next one tries anew. */
  readonly prepare: () => Promise<void>;
  /** Milliseconds that a statement waits for that; undefined: as long as it takes. */
  readonly patience: number | undefined;
}

/** A database whose statements wait until it is prepared. Throws STORAGE_UNAVAILABLE when that takes too long. */
export function guardDatabase(database: Database, { prepare, patience }: GuardOptions): Database {
  let preparation: Promise<void> | undefined;
  let isPrepared = false;
  const start = async (): Promise<void> => {
    try {
      await prepare();
      isPrepared = true;
    } finally {
      preparation = undefined;
    }
  };
  const ready = async (): Promise<void> => {
    if (isPrepared) return;
    preparation ??= start();
    await (patience === undefined ? preparation : within(patience, preparation, database.name));
  };
  return {
    dialect: database.dialect,
    name: database.name,
    query: async (sql, values) => {
      await ready();
      return database.query(sql, values);
    },
    transaction: async (work) => {
      await ready();
      return database.transaction(work);
    },
    snapshot: async (work) => {
      await ready();
      return database.snapshot(work);
    },
    exclusive: async (work) => {
      await ready();
      return database.exclusive(work);
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

async function within(patience: number, preparation: Promise<void>, name: string): Promise<void> {
  const answered = new AbortController();
  const tooLong = async (): Promise<void> => {
    await delay(patience, undefined, { signal: answered.signal });
    throw new HxpError("STORAGE_UNAVAILABLE", `${name} is still being brought up to this program's version.`);
  };
  try {
    await Promise.race([preparation, tooLong()]);
  } finally {
    answered.abort();
  }
}
