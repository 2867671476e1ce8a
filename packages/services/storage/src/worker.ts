import { DatabaseSync, type StatementSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { chooseJournalMode } from "./embedded/choose-journal-mode.ts";
import type { Row } from "./database/database.ts";
import type { Answer, Request, WorkerSettings } from "./embedded/messages.ts";

export type { Answer, Request, WorkerSettings };

// A statement of the embedded database waits for the disk, and for other processes; in a thread of its own it holds
// nobody's stream up.
const mostStatements = 200;
const statements = new Map<string, StatementSync>();
let database: DatabaseSync | undefined;

parentPort?.on("message", (request: Request) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(answer(request));
});

function answer({ id, sql, values }: Request): Answer {
  try {
    if (sql === undefined) return { id, rows: close() };
    return { id, rows: prepare(sql).all(...values) as Row[] };
  } catch (error) {
    const { message, errcode } = error as Error & { errcode?: number };
    return { id, error: { message, code: errcode } };
  }
}

function prepare(sql: string): StatementSync {
  const known = statements.get(sql);
  if (known !== undefined) return known;
  database ??= open();
  const statement = database.prepare(sql);
  if (statements.size >= mostStatements) statements.clear();
  statements.set(sql, statement);
  return statement;
}

function open(): DatabaseSync {
  const { file, lockTimeout, readOnly } = workerData as WorkerSettings;
  const opened = new DatabaseSync(file, { timeout: lockTimeout, readOnly });
  try {
    if (!readOnly) opened.exec(`PRAGMA journal_mode = ${chooseJournalMode(process.versions["sqlite"] ?? "")}`);
    // FULL: what is committed is on the disk, also when the power goes.
    opened.exec("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF");
    return opened;
  } catch (error) {
    opened.close();
    throw error;
  }
}

function close(): [] {
  statements.clear();
  database?.close();
  database = undefined;
  return [];
}
