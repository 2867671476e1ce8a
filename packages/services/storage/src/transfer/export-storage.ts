import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, rename } from "node:fs/promises";
import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import type { Database, Session } from "../database/database.ts";
import { readJournal } from "../migrations/journal.ts";
import { codeVersion, migrations } from "../migrations/migrations.ts";
import { planMigration } from "../migrations/plan-migration.ts";
import { readKeyRevision } from "../keys/key-revision.ts";
import type { Table } from "../schema/table.ts";
import type { ExportManifest } from "./manifest.ts";
import { readTableLines } from "./table-lines.ts";
import { transferredTables } from "./tables.ts";

const bytesAtOnce = 1 << 20;

/** What {@link exportStorage} takes beside the database and the folder. */
export interface ExportOptions {
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/**
 * Writes all that a database holds, as it was at one moment, into a folder: JSON lines a table, and a manifest with
 * counts and SHA-256 digests. Servers go on meanwhile. The files hold hashes of keys, so only the current user may read
 * them. Throws USAGE_INVALID when the folder holds an export, and STORAGE_VERSION_UNSUPPORTED when the database is not
 * of this program's version.
 */
export async function exportStorage(
  database: Database,
  folder: string,
  { now = Date.now }: ExportOptions = {},
): Promise<ExportManifest> {
  const path = join(folder, "manifest.json");
  if (existsSync(path)) throw new HxpError("USAGE_INVALID", `The folder ${folder} holds an export: name a new one.`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const manifest = await database.snapshot(async (session): Promise<ExportManifest> => {
    await checkVersion(session, database.name);
    const tables = [];
    for (const { name, table } of transferredTables) {
      tables.push([name, await writeTable(session, table, join(folder, `${name}.jsonl`))] as const);
    }
    return {
      format: "hxp-storage-export/1",
      schemaVersion: codeVersion,
      exportedAt: new Date(now()).toISOString(),
      keyRevision: await readKeyRevision(session),
      tables: Object.fromEntries(tables) as ExportManifest["tables"],
    };
  });
  await writeWhole(path, `${JSON.stringify(manifest, undefined, 2)}\n`);
  return manifest;
}

async function checkVersion(session: Session, name: string): Promise<void> {
  const done = await readJournal(session);
  const isCurrent = planMigration(migrations, done).length === 0 && done.every(({ version }) => version <= codeVersion);
  if (isCurrent) return;
  const message = `${name} does not have version ${codeVersion} of the storage's schema, which this program exports.`;
  throw new HxpError("STORAGE_VERSION_UNSUPPORTED", message);
}

async function writeTable(session: Session, table: Table, path: string): Promise<{ rows: number; sha256: string }> {
  const hash = createHash("sha256");
  let rows = 0;
  let pending = "";
  await using file = await open(path, "w", 0o600);
  const flush = async (): Promise<void> => {
    hash.update(pending);
    await file.writeFile(pending);
    pending = "";
  };
  for await (const line of readTableLines(session, table)) {
    rows += 1;
    pending += line;
    if (pending.length >= bytesAtOnce) await flush();
  }
  await flush();
  await file.sync();
  return { rows, sha256: hash.digest("hex") };
}

/** A reader sees the whole file or none. */
async function writeWhole(path: string, text: string): Promise<void> {
  const half = `${path}.part`;
  await using file = await open(half, "w", 0o600);
  await file.writeFile(text);
  await file.sync();
  await rename(half, path);
}
