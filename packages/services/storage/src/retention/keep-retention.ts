import type { StorageConfig } from "@hxp/schema-storage";
import type { Database } from "../database/database.ts";
import { applyRetention } from "./apply-retention.ts";

const hour = 3_600_000;

/** A server that has just started has other things to do; one that never runs for an hour applies it all the same. */
const firstWait = 300_000;

/** What {@link keepRetention} takes beside the database and what it keeps. */
export interface KeepRetentionOptions {
  readonly now: () => number;
  readonly onProblem: (problem: unknown) => void;
}

/** Applies retention after five minutes and then every hour, until it is disposed of. It keeps no process alive. */
export function keepRetention(
  database: Database,
  retention: StorageConfig["retention"],
  { now, onProblem }: KeepRetentionOptions,
): AsyncDisposable {
  const stop = new AbortController();
  let running: Promise<unknown> = Promise.resolve();
  const apply = (): void => {
    running = running
      .then(() => applyRetention(database, retention, { now, signal: stop.signal }))
      .catch((error: unknown) => (stop.signal.aborted ? undefined : onProblem(error)));
    timer = setTimeout(apply, hour).unref();
  };
  let timer = setTimeout(apply, firstWait).unref();
  return {
    [Symbol.asyncDispose]: async () => {
      clearTimeout(timer);
      stop.abort();
      await running;
    },
  };
}
