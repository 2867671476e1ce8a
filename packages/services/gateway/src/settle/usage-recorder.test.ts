import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { HxpError } from "@hxp/errors";
import type { UsageRecord, UsageStore } from "@hxp/schema-storage";
import { createMemoryStores } from "../stores/create-memory-stores.ts";
import { createFailingStores, type FailingStores } from "../testing/failing-store.ts";
import { makeUsage } from "../testing/make-usage.ts";
import { createUsageRecorder, type UsageRecorder, type UsageRecorderOptions } from "./usage-recorder.ts";
import { openUsageSpool, type UsageSpool } from "./usage-spool.ts";

let stores: FailingStores;
let now: number;
beforeEach(() => {
  stores = createFailingStores(createMemoryStores());
  now = 0;
});

function make(options: Partial<UsageRecorderOptions> = {}): UsageRecorder {
  const clock = (): number => now;
  const recorder = createUsageRecorder({ store: stores.usage, batchSize: 100, interval: 60_000, clock, ...options });
  onTestFinished(() => recorder[Symbol.asyncDispose]());
  return recorder;
}

async function openSpool(maxBytes = 10_000_000): Promise<UsageSpool> {
  const folder = await mkdtemp(join(tmpdir(), "recorder-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return openUsageSpool({ folder, maxBytes });
}

async function countStored(): Promise<number> {
  const { down } = stores;
  stores.down = false;
  const sums = await stores.usage.sum({ by: "model", since: "2026-01-01T00:00:00.000Z" });
  stores.down = down;
  return sums.reduce((total, { requests }) => total + requests, 0);
}

function recordMany(recorder: UsageRecorder, count: number, prefix = ""): void {
  for (let index = 0; index < count; index += 1) recorder.record(makeUsage(`${prefix}${index}`));
}

describe("a recorder", () => {
  test("writes a full batch at once, and what is left after its interval", async () => {
    const recorder = make({ interval: 50 });
    recordMany(recorder, 250);
    await vi.waitFor(async () => expect(await countStored()).toBe(250), 10_000);
    expect(stores.calls.get("append")).toBeLessThanOrEqual(4);
    expect(recorder.pending).toBe(0);
  });

  test("counts a request once, however often its record comes", async () => {
    const recorder = make();
    recordMany(recorder, 10);
    recordMany(recorder, 10);
    await recorder.flush();
    recordMany(recorder, 10);
    await recorder.flush();
    expect(await countStored()).toBe(10);
  });

  test("brings everything to the storage before it closes", async () => {
    const recorder = make();
    recordMany(recorder, 42);
    await recorder[Symbol.asyncDispose]();
    expect(await countStored()).toBe(42);
  });

  test("does not wait for ever for a storage that hangs", async () => {
    const spool = await openSpool();
    const store = { append: () => new Promise<void>(() => {}) };
    const recorder = make({ store, spool, deadline: 50 });
    recordMany(recorder, 5);
    await recorder.flush();
    expect([recorder.pending, await spool.files()]).toEqual([0, [expect.any(String)]]);
  });
});

describe("while the storage does not answer", () => {
  test("records go to the spool, say so once, and are replayed when it answers", async () => {
    const spool = await openSpool();
    const hooks = {
      onDown: vi.fn<() => void>(),
      onSpooled: vi.fn<() => void>(),
      onReplayed: vi.fn<(records: readonly UsageRecord[]) => void>(),
    };
    const recorder = make({ spool, hooks });
    stores.down = true;
    for (const prefix of ["a", "b", "c"]) {
      recordMany(recorder, 10, prefix);
      await recorder.flush();
      expect(recorder.pending).toBe(0);
    }
    expect(hooks.onDown).toHaveBeenCalledOnce();
    stores.down = false;
    now += 3_600_000;
    await recorder.flush();
    expect([await countStored(), await spool.files(), spool.bytes]).toEqual([30, [], 0]);
    expect(hooks.onReplayed.mock.calls.flatMap(([records]) => records)).toHaveLength(30);
  });

  test("the storage is asked less and less often", async () => {
    const recorder = make({ spool: await openSpool(), interval: 1000 });
    stores.down = true;
    for (let second = 0; second < 120; second += 1) {
      recorder.record(makeUsage(String(second)));
      await recorder.flush();
      now += 1000;
    }
    expect(stores.calls.get("append")).toBeLessThan(12);
  });

  test("what a former process left is replayed by the next one, once, even if that was killed on the way", async () => {
    const spool = await openSpool();
    await spool.write([makeUsage("a"), makeUsage("b")]);
    // The process before had stored them and was killed before it could remove the file.
    await stores.usage.append([makeUsage("a"), makeUsage("b")]);
    await make({ spool }).flush();
    expect([await countStored(), await spool.files()]).toEqual([2, []]);
  });

  test("without a spool they wait in memory, of which there is a bound; what is lost is counted", async () => {
    const onDropped = vi.fn<(count: number) => void>();
    const recorder = make({ maxPending: 20, hooks: { onDropped } });
    stores.down = true;
    await recorder.flush();
    recordMany(recorder, 25);
    await recorder.flush();
    expect([recorder.pending, onDropped.mock.calls.map(([count]) => count)]).toEqual([20, [5]]);
    stores.down = false;
    now += 3_600_000;
    await recorder.flush();
    expect(await countStored()).toBe(20);
  });

  test("a spool that is full loses the newest, and counts them", async () => {
    const onDropped = vi.fn<(count: number) => void>();
    const recorder = make({ spool: await openSpool(2000), hooks: { onDropped } });
    stores.down = true;
    recordMany(recorder, 5, "old");
    await recorder.flush();
    recordMany(recorder, 7, "new");
    await recorder.flush();
    expect(onDropped.mock.calls.map(([count]) => count)).toEqual([7]);
    stores.down = false;
    now += 3_600_000;
    await recorder.flush();
    expect(await countStored()).toBe(5);
  });
});

test.each([true, false])(
  "a record that the storage refuses for good does not stop the others, spool %s",
  async (hasSpool) => {
    const spool = hasSpool ? await openSpool() : undefined;
    await spool?.write([makeUsage("poison"), makeUsage("beside it")]);
    await spool?.write([makeUsage("behind it")]);
    const store: Pick<UsageStore, "append"> = {
      append: async (records) => {
        const refused = records.find(({ id }) => id.startsWith("poison"));
        const details = { id: refused?.id };
        if (refused) throw new HxpError("STORAGE_RECORD_INVALID", "Not this one.", { details });
        await stores.usage.append(records);
      },
    };
    const onRejected = vi.fn<(file: string) => void>();
    const onDropped = vi.fn<(count: number) => void>();
    const recorder = make({ store, spool, hooks: { onRejected, onDropped } });
    for (const id of ["new 1", "poison 2", "new 3"]) recorder.record(makeUsage(id));
    await recorder.flush();
    const rejected = hasSpool ? 2 : 1;
    expect([await countStored(), await spool?.files(), recorder.pending]).toEqual([
      hasSpool ? 4 : 2,
      hasSpool ? [] : undefined,
      0,
    ]);
    const where = hasSpool ? expect.stringMatching(/^usage-.*\.jsonl\.rejected$/) : "memory";
    expect(onRejected.mock.calls.map(([file]) => file)).toEqual(Array.from({ length: rejected }, () => where));
    expect(onDropped.mock.calls.map(([count]) => count)).toEqual(Array.from({ length: rejected }, () => 1));
  },
);

test("what the storage refuses as a whole is set aside as a whole", async () => {
  const spool = await openSpool();
  const refuse = (): Promise<void> => Promise.reject(new HxpError("USAGE_INVALID", "None of it."));
  const setAside = vi.spyOn(spool, "setAside");
  const recorder = make({ store: { append: refuse }, spool });
  recordMany(recorder, 3);
  await recorder.flush();
  expect(setAside.mock.calls.map(([records]) => records.length)).toEqual([3]);
  expect([recorder.pending, await spool.files()]).toEqual([0, []]);
});
