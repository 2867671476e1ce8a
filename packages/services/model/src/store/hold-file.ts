import { DatabaseSync } from "node:sqlite";
import { HxpError } from "@hxp/errors";

/** A hold on a file, until it is released or the process ends, however that happens. */
export interface Hold extends Disposable {
  release(): void;
}

/**
 * Holds a file, so that nobody holds it exclusively: `shared` beside others, `exclusive` alone. Undefined: others are in the
 * way. The file must exist; it is empty and stays so. The operating system keeps the hold, by the locks of SQLite, so that
 * one whose process was killed is gone with it, which no file that says who holds it could promise.
 */
export function holdFile(path: string, kind: "shared" | "exclusive"): Hold | undefined {
  let database: DatabaseSync | undefined;
  try {
    // Who only serves a model may have the right to read it only.
    database = new DatabaseSync(path, { readOnly: kind === "shared", timeout: 0 });
    if (kind === "exclusive") database.exec("BEGIN EXCLUSIVE");
    else {
      database.exec("BEGIN");
      database.prepare("SELECT count(*) FROM sqlite_master").get();
    }
  } catch (error) {
    database?.close();
    if (isBusy(error)) return undefined;
    throw new HxpError("MODEL_STORE_UNUSABLE", `${path} cannot be locked: ${String(error)}`, { cause: error });
  }
  const held = database;
  const release = (): void => {
    if (held.isOpen) held.close();
  };
  return { release, [Symbol.dispose]: release };
}

const sqliteBusy = 5;

function isBusy(error: unknown): boolean {
  return typeof error === "object" && error !== null && "errcode" in error && error.errcode === sqliteBusy;
}
