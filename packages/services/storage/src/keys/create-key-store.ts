import { HxpError } from "@hxp/errors";
import { type KeyRecord, type KeyStore, keyRecord } from "@hxp/schema-storage";
import type { Database, Row } from "../database/database.ts";
import { checkRecord } from "../schema/check-record.ts";
import { decodeRow, encodeRow, namesOf, renderInsert } from "../schema/rows.ts";
import { keysTable } from "../schema/tables.ts";
import { nextRevision } from "./key-revision.ts";

const columns = namesOf(keysTable);
const assignments = keysTable.columns.map(({ name }, index) => `"${name}" = $${index + 1}`).join(", ");
const oldRevision = keysTable.columns.length + 1;

/** Keeps keys in a database. */
export function createKeyStore(database: Database): KeyStore {
  const { dialect } = database;
  return {
    get: async (id) => {
      const [row] = await database.query(`SELECT ${columns} FROM hxp_keys WHERE id = $1`, [id]);
      return row === undefined ? undefined : toKey(row);
    },
    list: async ({ after = "", limit = 100 } = {}) => {
      const sql = `SELECT ${columns} FROM hxp_keys WHERE id > $1 ORDER BY id LIMIT $2`;
      return (await database.query(sql, [after, limit])).map(toKey);
    },
    changedSince: async (revision, limit = 1000) => {
      const sql = `SELECT ${columns} FROM hxp_keys WHERE revision > $1 ORDER BY revision LIMIT $2`;
      return (await database.query(sql, [revision, limit])).map(toKey);
    },
    insert: (key) =>
      database.transaction(async (session) => {
        const next = { ...key, revision: await nextRevision(session) };
        const sql = renderInsert(keysTable, `ON CONFLICT (id) DO NOTHING RETURNING ${columns}`);
        const [row] = await session.query(sql, encodeRow(dialect, keysTable, next));
        if (row === undefined) throw new HxpError("STORAGE_CONFLICT", `There is a key ${key.id} already.`);
        return toKey(row);
      }),
    replace: (key) =>
      database.transaction(async (session) => {
        const next = { ...key, revision: await nextRevision(session) };
        const sql = `UPDATE hxp_keys SET ${assignments} WHERE id = $1 AND revision = $${oldRevision} RETURNING ${columns}`;
        const [row] = await session.query(sql, [...encodeRow(dialect, keysTable, next), key.revision]);
        if (row === undefined) {
          throw new HxpError("STORAGE_CONFLICT", `Key ${key.id} is not what it was at revision ${key.revision}.`);
        }
        return toKey(row);
      }),
  };
}

function toKey(row: Row): KeyRecord {
  return checkRecord(keyRecord, decodeRow(keysTable, row), { kind: "key", id: row["id"] });
}
