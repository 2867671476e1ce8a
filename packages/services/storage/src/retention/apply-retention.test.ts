import { openStorage } from "@hxp/storage";
import { expect, test } from "vitest";
import { type Databases, describeBoth } from "../../test/databases.ts";
import { exampleUsage, openPlace } from "../../test/examples.ts";
import { applyRetention } from "./apply-retention.ts";

const day = 86_400_000;
const now = (): number => Date.parse("2026-06-15T12:34:56.000Z");
const retention = { usage: 10 * day, hourly: 40 * day, daily: 100 * day };

describeBoth("retention", (databases) => {
  test("deletes old records, folds old hours into days and deletes the oldest days, and current sums stay", async () => {
    await using opened = await openBoth(databases);
    const { stores, database } = opened;
    const times = [
      "2026-06-15T11:00:00Z",
      "2026-06-04T03:00:00Z",
      "2026-05-01T03:10:00Z",
      "2026-05-01T22:10:00Z",
      "2026-02-01T00:00:00Z",
    ];
    await stores.usage.append(times.map((at, index) => exampleUsage(`request ${index}`, { at, team: "search" })));
    const current = { by: "team", since: "2026-05-10T00:00:00.000Z" } as const;
    const whole = { by: "team", since: "2026-05-01T00:00:00.000Z" } as const;
    const [before, wholeBefore] = [await stores.usage.sum(current), await stores.usage.sum(whole)];

    expect(await applyRetention(database, retention, { now })).toEqual({
      deletedRecords: 4,
      // Two hours of a day and one of another, by key, team and model.
      foldedHours: 9,
      deletedSums: 3,
    });
    expect((await database.query("SELECT id FROM hxp_usage")).map((row) => row["id"])).toEqual(["request 0"]);
    expect(await stores.usage.sum(current)).toEqual(before);
    expect(await stores.usage.sum(whole)).toEqual(wholeBefore);
    // Within a day that was folded, sums count it whole.
    expect(await stores.usage.sum({ ...whole, since: "2026-05-01T20:00:00.000Z" })).toEqual(wholeBefore);
    expect(await stores.usage.sum({ by: "team", since: "2026-01-01T00:00:00.000Z" })).toEqual(wholeBefore);
    expect(await applyRetention(database, retention, { now })).toEqual({
      deletedRecords: 0,
      foldedHours: 0,
      deletedSums: 0,
    });
  });

  test("folds a record that comes late into its day", async () => {
    await using opened = await openBoth(databases);
    const { stores, database } = opened;
    await stores.usage.append([
      exampleUsage("1", { at: "2026-05-01T03:00:00Z" }),
      exampleUsage("2", { at: "2026-05-01T00:00:00Z" }),
    ]);
    await applyRetention(database, retention, { now });
    await stores.usage.append([
      exampleUsage("3", { at: "2026-05-01T00:30:00Z" }),
      exampleUsage("4", { at: "2026-05-01T09:00:00Z" }),
    ]);
    await applyRetention(database, retention, { now });
    const rows = await database.query(
      "SELECT span, CAST(requests AS TEXT) AS requests FROM hxp_usage_sums WHERE kind = 'model'",
    );
    expect(rows).toEqual([{ span: "day", requests: "4" }]);
  });

  test("goes on in batches until nothing is left, whoever else does so, too", async () => {
    await using opened = await openBoth(databases);
    const { stores, database } = opened;
    const place = opened.place;
    await using other = await openPlace(place);
    const records = Array.from({ length: 1700 }, (_, index) =>
      exampleUsage(`request ${index}`, {
        at: new Date(Date.parse("2026-04-20T00:00:00Z") + index * 600_000).toISOString(),
      }),
    );
    await stores.usage.append(records);
    const results = await Promise.all([
      applyRetention(database, retention, { now }),
      applyRetention(other, retention, { now }),
    ]);
    expect(results.reduce((sum, { deletedRecords }) => sum + deletedRecords, 0)).toBe(1700);
    const rows = await database.query("SELECT span FROM hxp_usage_sums WHERE kind = 'model'");
    expect(new Set(rows.map((row) => row["span"]))).toEqual(new Set(["day"]));
    const [sum] = await stores.usage.sum({ by: "model", since: "2026-04-01T00:00:00.000Z" });
    expect(sum).toMatchObject({ requests: 1700, promptTokens: 17_000 });
  });

  test("stops after a batch when it is told to", async () => {
    await using opened = await openBoth(databases);
    const { stores, database } = opened;
    const at = "2026-04-20T00:00:00Z";
    await stores.usage.append(Array.from({ length: 1200 }, (_, index) => exampleUsage(`request ${index}`, { at })));
    const stopped = await applyRetention(database, retention, { now, signal: AbortSignal.abort() });
    expect(stopped.deletedRecords).toBe(500);
  });
});

async function openBoth(databases: Databases) {
  const place = await databases.create();
  const stores = await openStorage(place.config, place);
  const database = await openPlace(place);
  return {
    place,
    stores,
    database,
    [Symbol.asyncDispose]: async () => {
      await stores[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}
