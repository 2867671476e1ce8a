import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { Row, Session, Value } from "../database/database.ts";
import type { Answer, WorkerSettings } from "./messages.ts";
import { toStorageError } from "./to-storage-error.ts";

/** One connection to the embedded database, in a thread of its own. */
export interface Connection extends Session {
  close(): Promise<void>;
}

interface Pending {
  readonly resolve: (rows: readonly Row[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Opens the file in a thread. The file itself is opened, and made, with the first statement. */
export function connect(settings: WorkerSettings): Connection {
  const worker = startWorker(settings);
  const pending = new Map<number, Pending>();
  let requests = 0;
  let failure: Error | undefined;

  const fail = (error: Error): void => {
    failure = error;
    for (const waiting of pending.values()) waiting.reject(toStorageError(error, settings.file));
    pending.clear();
  };
  worker.on("message", (answer: Answer) => {
    const waiting = pending.get(answer.id);
    pending.delete(answer.id);
    if (pending.size === 0) worker.unref();
    if ("rows" in answer) waiting?.resolve(answer.rows);
    else waiting?.reject(toStorageError(answer.error, settings.file));
  });
  worker.on("error", fail);
  worker.on("exit", () => fail(new Error("the database's thread has ended")));
  worker.unref();

  const send = (sql: string | undefined, values: readonly Value[] = []): Promise<readonly Row[]> =>
    new Promise((resolve, reject) => {
      if (failure !== undefined) {
        reject(toStorageError(failure, settings.file));
        return;
      }
      requests += 1;
      pending.set(requests, { resolve, reject });
      // An open database alone keeps no process alive; a statement that was not answered does.
      worker.ref();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      worker.postMessage({ id: requests, ...(sql === undefined ? {} : { sql: toSqlite(sql) }), values });
    });

  return {
    dialect: "sqlite",
    query: (sql, values) => send(sql, values),
    close: async () => {
      if (failure === undefined) await send(undefined);
      await worker.terminate();
    },
  };
}

function startWorker(settings: WorkerSettings): Worker {
  const path = createRequire(import.meta.url).resolve("@hxp/storage/worker");
  return new Worker(pathToFileURL(path), {
    workerData: settings,
    name: "hxp-storage",
    // A thread takes no flags of V8, which its process may have. Node 22 calls node:sqlite experimental and says so.
    execArgv: [
      ...process.execArgv.filter((flag) => flag.startsWith("--conditions=")),
      "--disable-warning=ExperimentalWarning",
    ],
  });
}

/** SQLite numbers its parameters with a question mark: `$1` would be a name there. */
function toSqlite(sql: string): string {
  return sql.replaceAll(/\$(\d+)/g, "?$1");
}
