import * as fc from "fast-check";
import type { UsageRecord, UsageSum } from "@hxp/schema-storage";
import { openStorage } from "@hxp/storage";
import { expect, test } from "vitest";
import { type Databases, describeBoth } from "../../test/databases.ts";
import { exampleUsage } from "../../test/examples.ts";

const since = "2026-03-04T00:00:00.000Z";
const until = "2026-03-05T00:00:00.000Z";

describeBoth("a usage store", (databases) => {
  test("sums records up by key, team and model", async () => {
    await using stores = await openStores(databases);
    await stores.usage.append([
      exampleUsage("1", { team: "search", cost: 0.1 }),
      exampleUsage("2", { team: "search", cost: 0.2, key: "0000000000000002" }),
      exampleUsage("3", { model: "other", cost: 0.3 }),
    ]);
    const one = { requests: 1, promptTokens: 10, cachedTokens: 2, completionTokens: 5 };
    const two = { requests: 2, promptTokens: 20, cachedTokens: 4, completionTokens: 10 };
    expect(await stores.usage.sum({ by: "key", since, until })).toEqual([
      { group: "0000000000000001", ...two, cost: 0.4 },
      { group: "0000000000000002", ...one, cost: 0.2 },
    ]);
    expect(await stores.usage.sum({ by: "team", since, until })).toEqual([
      { group: "", ...one, cost: 0.3 },
      // 0.1 + 0.2 in whole billionths: not 0.30000000000000004.
      { group: "search", ...two, cost: 0.3 },
    ]);
    expect(await stores.usage.sum({ by: "model", since, until })).toEqual([
      { group: "guide", ...two, cost: 0.3 },
      { group: "other", ...one, cost: 0.3 },
    ]);
  });

  test("counts from the hour of `since`, and before `until`", async () => {
    await using stores = await openStores(databases);
    await stores.usage.append([
      exampleUsage("1", { at: "2026-03-04T05:59:59.999Z" }),
      exampleUsage("2", { at: "2026-03-04T06:00:00.000Z" }),
      exampleUsage("3", { at: "2026-03-04T07:00:00.000Z" }),
    ]);
    const requests = async (from: string, to?: string): Promise<number> => {
      const [sum] = await stores.usage.sum({ by: "model", since: from, until: to });
      return sum?.requests ?? 0;
    };
    expect(await requests("2026-03-04T06:30:00.000Z", "2026-03-04T07:00:00.000Z")).toBe(1);
    expect(await requests("2026-03-04T05:00:00.000Z", "2026-03-04T07:00:00.001Z")).toBe(3);
    expect(await requests("2026-03-04T06:00:00.000Z")).toBe(2);
    expect(await requests("2026-03-04T08:00:00.000Z")).toBe(0);
  });

  test("keeps what a text may hold, and no more than a database can", async () => {
    await using stores = await openStores(databases);
    const model = "'; DROP TABLE hxp_usage; -- \u2028 \u{1F600}";
    await stores.usage.append([
      exampleUsage("1", { model }),
      exampleUsage("2", { model: "zero \0 and half \uD83D" }),
      exampleUsage("3", { model: "zero \uFFFD and half \uFFFD" }),
    ]);
    const sums = await stores.usage.sum({ by: "model", since, until });
    expect(sums.map(({ group, requests }) => [group, requests])).toEqual([
      [model, 1],
      ["zero \uFFFD and half \uFFFD", 2],
    ]);
  });

  test("refuses a batch with a record that is none, whole, and names it", async () => {
    await using stores = await openStores(databases);
    const broken = [exampleUsage("1"), exampleUsage("2", { promptTokens: 1.5 })];
    await expect(stores.usage.append(broken)).rejects.toMatchObject({
      code: "STORAGE_RECORD_INVALID",
      details: { id: "2" },
    });
    expect(await stores.usage.sum({ by: "model", since, until })).toEqual([]);
  });

  test("counts each id once, however records are batched, repeated and raced", async () => {
    const place = await databases.create();
    await using one = await openStorage(place.config, place);
    await using other = await openStorage(place.config, place);
    let round = 0;
    const record = fc.record({
      id: fc.nat(30),
      hour: fc.nat(2),
      key: fc.constantFrom("a", "b"),
      team: fc.constantFrom("red", "blue", undefined),
      promptTokens: fc.nat(1000),
      cost: fc.nat(100).map((cents) => cents / 100),
    });
    const batches = fc.array(fc.array(record, { maxLength: 12 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(batches, async (drawn) => {
        round += 1;
        const model = `model ${round}`;
        const first = new Map<number, UsageRecord>();
        const given = drawn.map((batch) =>
          batch.map(({ id, hour, team, ...rest }) => {
            const made = exampleUsage(`${round}-${id}`, {
              ...rest,
              ...(team === undefined ? {} : { team }),
              model,
              at: `2026-03-04T0${hour}:30:00.000Z`,
            });
            // An id stands for one record: a repeated one is the same.
            const known = first.get(id) ?? made;
            first.set(id, known);
            return known;
          }),
        );
        await Promise.all(given.map((batch, index) => (index % 2 === 0 ? one : other).usage.append(batch)));
        const sums = await one.usage.sum({ by: "model", since, until });
        expect(sums.filter(({ group }) => group === model)).toEqual(expectedSum(model, [...first.values()]));
      }),
      { numRuns: 25 },
    );
  });
});

function expectedSum(group: string, records: readonly UsageRecord[]): UsageSum[] {
  if (records.length === 0) return [];
  const total = (pick: (record: UsageRecord) => number): number => records.reduce((sum, each) => sum + pick(each), 0);
  return [
    {
      group,
      requests: records.length,
      promptTokens: total(({ promptTokens }) => promptTokens),
      cachedTokens: total(({ cachedTokens }) => cachedTokens),
      completionTokens: total(({ completionTokens }) => completionTokens),
      cost: total(({ cost }) => Math.round(cost * 1e9)) / 1e9,
    },
  ];
}

async function openStores(databases: Databases) {
  const place = await databases.create();
  return openStorage(place.config, place);
}
