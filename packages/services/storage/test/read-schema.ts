import type { Session } from "@hxp/storage";

/** A database's tables and indexes, in words that both databases share. */
export interface FoundSchema {
  /** `table.column`: type, nullability and default. */
  readonly columns: Readonly<Record<string, string>>;
  /** Index: table, columns, uniqueness and condition. Primary keys are `<table> key`. */
  readonly indexes: Readonly<Record<string, string>>;
}

/** Reads what a database has, from its own catalogue. */
export async function readSchema(session: Session): Promise<FoundSchema> {
  const { columns, indexes } = await (session.dialect === "sqlite" ? readSqlite(session) : readPostgres(session));
  return { columns: sorted(columns), indexes: sorted(indexes) };
}

function sorted(entries: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(entries).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

async function readSqlite(session: Session): Promise<FoundSchema> {
  const columns = await session.query(`SELECT t.name AS "table", c.name, c.type, c."notnull", c.dflt_value
    FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' ORDER BY t.name, c.cid`);
  const indexes = await session.query(`SELECT t.name AS "table", i.name, i."unique", i.origin, s.sql,
    (SELECT group_concat(x.name, ', ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno) x) AS columns
    FROM sqlite_schema t, pragma_index_list(t.name) i LEFT JOIN sqlite_schema s ON s.name = i.name
    WHERE t.type = 'table' ORDER BY i.name`);
  return {
    columns: Object.fromEntries(
      columns.map(({ table, name, type, notnull, dflt_value: fallback }) => [
        `${table}.${name}`,
        describeColumn(String(type), notnull === 1, fallback === null ? undefined : String(fallback)),
      ]),
    ),
    indexes: Object.fromEntries(
      indexes.map(({ table, name, unique, origin, sql, columns: names }) => [
        origin === "pk" ? `${table} key` : String(name),
        `${table} (${names})${unique === 1 ? " unique" : ""}${describeCondition(String(sql))}`,
      ]),
    ),
  };
}

async function readPostgres(session: Session): Promise<FoundSchema> {
  const columns = await session.query(`SELECT table_name, column_name, data_type, is_nullable, column_default
    FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position`);
  const indexes = await session.query(`SELECT tablename, indexname, indexdef, indisprimary::text, indisvalid::text
    FROM pg_indexes JOIN pg_index ON indexrelid = indexname::regclass WHERE schemaname = current_schema() ORDER BY indexname`);
  const types: Readonly<Record<string, string>> = {
    bigint: "INTEGER",
    boolean: "INTEGER",
    "double precision": "REAL",
    jsonb: "TEXT",
    text: "TEXT",
    "timestamp with time zone": "TEXT",
  };
  return {
    columns: Object.fromEntries(
      columns.map((row) => [
        `${row["table_name"]}.${row["column_name"]}`,
        describeColumn(
          types[String(row["data_type"])] ?? "unknown",
          row["is_nullable"] === "NO",
          row["column_default"] === null ? undefined : String(row["column_default"]),
        ),
      ]),
    ),
    indexes: Object.fromEntries(
      indexes.map((row) => {
        const definition = String(row["indexdef"]);
        const names = /USING btree \((.*?)\)/.exec(definition)?.[1]?.replaceAll('"', "");
        const unique = definition.startsWith("CREATE UNIQUE") ? " unique" : "";
        const isKey = row["indisprimary"] === "true";
        const state = row["indisvalid"] === "true" ? "" : " INVALID";
        return [
          isKey ? `${row["tablename"]} key` : String(row["indexname"]),
          `${row["tablename"]} (${names})${unique}${describeCondition(definition)}${state}`,
        ];
      }),
    ),
  };
}

function describeColumn(type: string, isRequired: boolean, fallback: string | undefined): string {
  const plain = fallback?.replace(/::text$/, "").replace(/^false$/, "0");
  return `${type}${isRequired ? " required" : ""}${plain === undefined ? "" : ` default ${plain}`}`;
}

function describeCondition(sql: string): string {
  const condition = / WHERE (.*)$/s.exec(sql)?.[1];
  if (condition === undefined) return "";
  const plain = condition.replaceAll(/[()"]/g, "").replaceAll("::text", "").replace("counted = false", "counted = 0");
  return ` where ${plain}`;
}
