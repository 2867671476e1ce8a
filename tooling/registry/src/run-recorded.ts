import { mapConcurrently } from "./map-concurrently.ts";
import type { Effect, RecordEffect } from "./released-package.ts";

/** What {@link runRecorded} takes. */
export interface RunRecordedOptions<Item, Result> {
  /** How many effects are under way at most. */
  readonly limit: number;
  readonly record: RecordEffect;
  readonly describe: (item: Item) => Effect;
  readonly run: (item: Item) => Promise<Result>;
}

/**
 * Runs effects, group after group. All are recorded before the first is run, and none waits for the record of another's
 * end, so that a slow disk does not draw out the time between the first effect and the last. After a failure no further
 * effect is run, and the first error is thrown once those under way have ended.
 */
export async function runRecorded<Item, Result>(
  groups: readonly (readonly Item[])[],
  { limit, record, describe, run }: RunRecordedOptions<Item, Result>,
): Promise<Result[]> {
  const waiting = groups.map((group) => group.map((item) => createTurn<Item, Result>(item)));
  const turns = waiting.flat();
  const records = turns.map(({ item, begin, ended }) =>
    record(describe(item), () => {
      begin.resolve();
      return ended.promise;
    }),
  );
  const finished = Promise.all(records);
  try {
    await Promise.race([Promise.all(turns.map(({ begin }) => begin.promise)), finished]);
    for (const group of waiting) await mapConcurrently(group, limit, (turn) => runTurn(turn, run));
  } catch (cause) {
    for (const { ended } of turns) ended.reject(new Error("not begun, because another one failed", { cause }));
    await Promise.allSettled(records);
    throw cause;
  }
  return finished;
}

interface Turn<Item, Result> {
  readonly item: Item;
  /** Resolves when the record before is written. */
  readonly begin: PromiseWithResolvers<void>;
  readonly ended: PromiseWithResolvers<Result>;
}

function createTurn<Item, Result>(item: Item): Turn<Item, Result> {
  const turn = { item, begin: Promise.withResolvers<void>(), ended: Promise.withResolvers<Result>() };
  // Nobody listens where the record before could not be written.
  turn.ended.promise.catch(() => {});
  return turn;
}

async function runTurn<Item, Result>(
  { item, ended }: Turn<Item, Result>,
  run: (item: Item) => Promise<Result>,
): Promise<void> {
  try {
    ended.resolve(await run(item));
  } catch (error) {
    ended.reject(error);
    throw error;
  }
}
