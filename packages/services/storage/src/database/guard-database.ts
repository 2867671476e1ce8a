import type { Database } from "./database.ts";

/** A database whose statements wait until it is prepared. When that fails, so do they, and the next one tries anew. */
export function guardDatabase(database: Database, prepare: () => Promise<void>): Database {
  let preparation: Promise<void> | undefined;
  const ready = (): Promise<void> => {
    preparation ??= prepare().catch((error: unknown) => {
      preparation = undefined;
      throw error;
    });
    return preparation;
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
