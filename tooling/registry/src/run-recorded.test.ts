import { describe, expect, test } from "vitest";
import type { RecordEffect } from "./released-package.ts";
import { runRecorded } from "./run-recorded.ts";

/** A journal whose records take a turn of the event loop each, and what happened, in order. */
function makeJournal(refuses: (what: string) => boolean = () => false) {
  const happened: string[] = [];
  const write = async (what: string): Promise<void> => {
    await new Promise(setImmediate);
    if (refuses(what)) throw new Error(`no room for "${what}"`);
    happened.push(what);
  };
  const record: RecordEffect = async ({ target }, run) => {
    await write(`before ${target}`);
    try {
      const result = await run();
      await write(`after ${target}`);
      return result;
    } catch (error) {
      await write(`failed ${target}: ${(error as Error).message}`);
      throw error;
    }
  };
  return { happened, record };
}

const options = (record: RecordEffect, run: (item: string) => Promise<string>) => ({
  limit: 2,
  record,
  describe: (target: string) => ({ kind: "test", target }),
  run,
});

describe("runRecorded", () => {
  test("writes all records before first, and runs group after group without waiting for those after", async () => {
    const { happened, record } = makeJournal();
    const run = async (item: string): Promise<string> => {
      happened.push(`run ${item}`);
      return item.toUpperCase();
    };
    expect(await runRecorded([["a", "b"], ["c"]], options(record, run))).toEqual(["A", "B", "C"]);
    expect(happened.slice(0, 6)).toEqual(["before a", "before b", "before c", "run a", "run b", "run c"]);
    expect(happened.slice(6).toSorted()).toEqual(["after a", "after b", "after c"]);
  });

  test("runs no more at once than the limit", async () => {
    const { record } = makeJournal();
    let [running, most] = [0, 0];
    const run = async (item: string): Promise<string> => {
      most = Math.max(most, (running += 1));
      await new Promise(setImmediate);
      running -= 1;
      return item;
    };
    await runRecorded([["a", "b", "c", "d", "e"]], options(record, run));
    expect(most).toBe(2);
  });

  test("runs nothing further after a failure, lets end what is under way, and says of each what became of it", async () => {
    const { happened, record } = makeJournal();
    const run = async (item: string): Promise<string> => {
      if (item === "b") throw new Error("refused");
      await new Promise(setImmediate);
      return item;
    };
    await expect(runRecorded([["a", "b", "c"], ["d"]], options(record, run))).rejects.toThrow(/^refused$/);
    expect(happened.slice(4).toSorted()).toEqual([
      "after a",
      "failed b: refused",
      "failed c: not begun, because another one failed",
      "failed d: not begun, because another one failed",
    ]);
  });

  test("runs nothing when a record before cannot be written", async () => {
    const { happened, record } = makeJournal((what) => what === "before b");
    const ran: string[] = [];
    const run = async (item: string): Promise<string> => (ran.push(item), item);
    await expect(runRecorded([["a", "b"]], options(record, run))).rejects.toThrow('no room for "before b"');
    expect(ran).toEqual([]);
    expect(happened).toEqual(["before a", "failed a: not begun, because another one failed"]);
  });

  test("fails when a record after cannot be written", async () => {
    const { record } = makeJournal((what) => what.endsWith(" a") && !what.startsWith("before"));
    await expect(
      runRecorded(
        [["a", "b"]],
        options(record, async (item) => item),
      ),
    ).rejects.toThrow("no room");
  });

  test("of nothing is nothing", async () => {
    expect(
      await runRecorded(
        [],
        options(makeJournal().record, async (item) => item),
      ),
    ).toEqual([]);
  });
});
