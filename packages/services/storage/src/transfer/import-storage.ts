import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import type { Database, Session } from "../database/database.ts";
import { raiseKeyRevision } from "../keys/key-revision.ts";
import { migrate } from "../migrations/migrate.ts";
import { codeVersion } from "../migrations/migrations.ts";
import { encodeRows, renderInsertAll, type TableRecord } from "../schema/rows.ts";
import { digestFile, readFileLines } from "./file-lines.ts";
import { type ExportManifest, exportManifest } from "./manifest.ts";
import { digestTable, readTableLines } from "./table-lines.ts";
import { type TransferredTable, transferredTables } from "./tables.ts";

const rowsPerStatement = 100;

/** What {@link importStorage} did. */
export interface ImportResult {
  readonly manifest: ExportManifest;
  /** How many rows this call added to each table; the others were there from a call before. */
  readonly added: Readonly<Record<TransferredTable["name"], number>>;
}

/**
 * Fills an empty database from an export, and compares counts and digests of what it then holds with the manifest's.
 * Cut off, the next call goes on. Throws STORAGE_EXPORT_INVALID before anything is written when the export is not
 * whole, and STORAGE_NOT_EMPTY when the database holds other rows than the export.
 */
export async function importStorage(database: Database, folder: string): Promise<ImportResult> {
  const manifest = await readManifest(folder);
  for (const each of transferredTables) await checkFile(folder, each, manifest);
  await migrate(database);
  await database.snapshot(async (session) => {
    for (const each of transferredTables) await checkTarget(session, database.name, { folder, each });
  });
  const added = [];
  for (const each of transferredTables) added.push([each.name, await fillTable(database, folder, each)] as const);
  await database.transaction((session) => raiseKeyRevision(session, manifest.keyRevision));
  await database.snapshot((session) => compare(session, database.name, manifest));
  return { manifest, added: Object.fromEntries(added) as ImportResult["added"] };
}

async function readManifest(folder: string): Promise<ExportManifest> {
  const path = join(folder, "manifest.json");
  const content = await readFile(path, "utf8").catch((error: unknown) => {
    throw new HxpError("STORAGE_EXPORT_INVALID", `There is no whole export in ${folder}: it has no manifest.json.`, {
      cause: error,
    });
  });
  const { success, data, error } = exportManifest.safeParse(parse(content, path));
  if (!success) {
    const problems = error.issues.map(({ path: place, message }) => `${place.join(".")}: ${message}`).join("; ");
    throw new HxpError("STORAGE_EXPORT_INVALID", `${path} is not what an export has: ${problems}.`);
  }
  if (data.schemaVersion > codeVersion) {
    const message = `${path} is of version ${data.schemaVersion} of the storage's schema; this program knows ${codeVersion}.`;
    throw new HxpError("STORAGE_EXPORT_INVALID", message);
  }
  return data;
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HxpError("STORAGE_EXPORT_INVALID", `${path} is not JSON.`, { cause: error });
  }
}

async function checkFile(folder: string, { name }: TransferredTable, { tables }: ExportManifest): Promise<void> {
  const path = fileOf(folder, name);
  const found = await digestFile(path);
  const expected = tables[name];
  if (found.rows === expected.rows && found.sha256 === expected.sha256) return;
  const message = `${path} has ${found.rows} lines with digest ${found.sha256}; the manifest says ${expected.rows} with ${expected.sha256}.`;
  throw new HxpError("STORAGE_EXPORT_INVALID", message);
}

/** Both are in the same order: what is there must be found along the export's lines. */
async function checkTarget(
  session: Session,
  database: string,
  { folder, each }: { folder: string; each: TransferredTable },
): Promise<void> {
  const exported = readFileLines(fileOf(folder, each.name));
  for await (const line of readTableLines(session, each.table)) {
    let candidate = await exported.next();
    while (candidate.done !== true && `${candidate.value}\n` !== line) candidate = await exported.next();
    if (candidate.done !== true) continue;
    throw new HxpError("STORAGE_NOT_EMPTY", `${database} holds ${each.name} that the export does not.`);
  }
  await exported.return(undefined);
}

async function fillTable(database: Database, folder: string, each: TransferredTable): Promise<number> {
  let added = 0;
  let some: TableRecord[] = [];
  const flush = async (): Promise<void> => {
    const records = some;
    some = [];
    if (records.length === 0) return;
    added += await database.transaction((session) => insertNew(session, each, records));
  };
  for await (const line of readFileLines(fileOf(folder, each.name))) {
    some.push(readRecord(line, each, folder));
    if (some.length >= rowsPerStatement) await flush();
  }
  await flush();
  return added;
}

async function insertNew(session: Session, { table }: TransferredTable, records: TableRecord[]): Promise<number> {
  const key = table.primaryKey.join(", ");
  const sql = renderInsertAll(session.dialect, table, `ON CONFLICT (${key}) DO NOTHING RETURNING ${key}`);
  return (await session.query(sql, [encodeRows(session.dialect, table, records)])).length;
}

function readRecord(line: string, { name, line: schema }: TransferredTable, folder: string): TableRecord {
  const path = fileOf(folder, name);
  const parsed = parse(line, path);
  const { success, error } = schema.safeParse(parsed);
  if (success) return parsed as TableRecord;
  const [issue] = error.issues;
  const reason = `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`;
  throw new HxpError("STORAGE_EXPORT_INVALID", `A line of ${path} is no record: ${reason}.`);
}

async function compare(session: Session, database: string, manifest: ExportManifest): Promise<void> {
  for (const { name, table } of transferredTables) {
    const found = await digestTable(session, table);
    const expected = manifest.tables[name];
    if (found.rows === expected.rows && found.sha256 === expected.sha256) continue;
    const message = `After the import, ${database} holds ${found.rows} ${name} with digest ${found.sha256}; the export has ${expected.rows} with ${expected.sha256}. Something else writes to it.`;
    throw new HxpError("STORAGE_NOT_EMPTY", message);
  }
}

function fileOf(folder: string, name: string): string {
  return join(folder, `${name}.jsonl`);
}
