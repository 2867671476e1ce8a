import { setTimeout as delay } from "node:timers/promises";
import { applyRetention, type Database, migrate, migrationStatus, openStorage } from "@hxp/storage";
import { expect, test } from "vitest";
import { type Child, runChild } from "./children/run-child.ts";
import { describeBoth, describePostgres } from "./databases.ts";
import { exampleUsage, openPlace } from "./examples.ts";
import * as version1 from "./versions/version-1.ts";

const kills = 5;
const since = "2026-01-01T00:00:00.000Z";
const minutes = 60_000;

describeBoth("a writer that is killed", (databases) => {
  test(
    `at ${kills} moments under load loses no acknowledged record and counts each once`,
    async () => {
      const place = await databases.create();
      const acknowledged = new Set<string>();
      for (let kill = 0; kill < kills; kill += 1) {
        const child = runChild(new URL("./children/append.ts", import.meta.url), place, `run${kill}`);
        await untilAcknowledged(child);
        await delay(Math.random() * 150);
        child.process.kill("SIGKILL");
        await child.ended;
        for (const id of acknowledgedBy(child)) acknowledged.add(id);
      }
      expect(acknowledged.size).toBeGreaterThanOrEqual(kills * 10);
      await using database = await openPlace(place);
      await expectWhole(database, acknowledged);
    },
    5 * minutes,
  );
});

describeBoth("a migration that is killed", (databases) => {
  test(
    "in the middle of its backfill is finished by the next one, while an older server writes on",
    async () => {
      const place = await databases.create();
      await using database = await openPlace(place);
      await migrate(database, { target: 1 });
      const count = 2000;
      const records = Array.from({ length: count }, (_, index) =>
        exampleUsage(`old ${index}`, { key: `key ${index % 10}`, team: "search", model: `model ${index % 3}` }),
      );
      await database.transaction((session) => version1.append(session, records));
      const child = runChild(new URL("./children/migrate-and-die.ts", import.meta.url), place);
      await child.ended;
      expect(child.process.signalCode, child.errors()).toBe("SIGKILL");
      const counted = await countedRecords(database);
      expect(counted).toBeGreaterThan(0);
      expect(counted).toBeLessThan(count);
      expect((await migrationStatus(database)).pending[0]).toMatchObject({ version: 2, phase: "backfill" });
      const [late] = await Promise.all([writeAsOlder(database), migrate(database)]);
      await applyRetention(database, { usage: 1e12, hourly: 1e12, daily: 1e12 });
      await expectWhole(database, new Set([...records.map(({ id }) => id), ...late]));
    },
    5 * minutes,
  );
});

describePostgres("a PostgreSQL server that is killed", (databases) => {
  test(
    "under load, and started again, has every acknowledged record, and its writer goes on by itself",
    async () => {
      const place = await databases.create();
      await using stores = await openStorage(place.config, place);
      const acknowledged = new Set<string>();
      const failures = new Set<string>();
      const stop = new AbortController();
      const writing = (async () => {
        for (let batch = 0; !stop.signal.aborted; batch += 1) {
          const ids = Array.from({ length: 10 }, (_, index) => `${batch}-${index}`);
          await stores.usage.append(ids.map((id) => exampleUsage(id))).then(
            () => ids.forEach((id) => acknowledged.add(id)),
            (error: { code?: string }) => failures.add(String(error.code)),
          );
        }
      })();
      for (let kill = 0; kill < 2; kill += 1) {
        const target = acknowledged.size + 50;
        while (acknowledged.size < target) await delay(20);
        await databases.server.stop("kill");
        while (failures.size === 0) await delay(20);
        await databases.server.start();
      }
      const target = acknowledged.size + 50;
      while (acknowledged.size < target) await delay(20);
      stop.abort();
      await writing;
      expect([...failures]).toEqual(["STORAGE_UNAVAILABLE"]);
      await using database = await openPlace(place);
      await expectWhole(database, acknowledged);
    },
    5 * minutes,
  );
});

/** Every acknowledged record is there, and the sums are what the records add up to. */
async function expectWhole(database: Database, acknowledged: ReadonlySet<string>): Promise<void> {
  const ids = new Set((await database.query("SELECT id FROM hxp_usage")).map((row) => String(row["id"])));
  expect([...acknowledged].filter((id) => !ids.has(id))).toEqual([]);
  for (const [kind, column] of [
    ["key", "key"],
    ["team", "COALESCE(team, '')"],
    ["model", "model"],
  ]) {
    const recorded = await database.query(`SELECT ${column} AS name, CAST(COUNT(*) AS TEXT) AS requests,
      CAST(SUM(prompt_tokens) AS TEXT) AS tokens, CAST(SUM(cost) AS TEXT) AS cost FROM hxp_usage GROUP BY 1 ORDER BY 1`);
    const summed = await database.query(
      `SELECT name, CAST(SUM(requests) AS TEXT) AS requests, CAST(SUM(prompt_tokens) AS TEXT) AS tokens,
      CAST(SUM(cost) AS TEXT) AS cost FROM hxp_usage_sums WHERE kind = $1 AND starts_at >= $2 GROUP BY name ORDER BY name`,
      [kind ?? "", since],
    );
    expect(summed).toEqual(recorded);
  }
}

async function untilAcknowledged(child: Child): Promise<void> {
  while (!child.output().includes("\n")) {
    if (child.process.exitCode !== null) throw new Error(`The writer ended: ${child.errors()}`);
    await delay(5);
  }
}

function acknowledgedBy(child: Child): string[] {
  const lines = child.output().split("\n");
  // The last line may have been cut off.
  return lines.slice(0, -1).flatMap((line) => line.split(" "));
}

async function countedRecords(database: Database): Promise<number> {
  const isTrue = database.dialect === "sqlite" ? "1" : "true";
  const [row] = await database.query(`SELECT CAST(COUNT(*) AS TEXT) AS count FROM hxp_usage WHERE counted = ${isTrue}`);
  return Number(row?.["count"]);
}

async function writeAsOlder(database: Database): Promise<string[]> {
  const ids = Array.from({ length: 40 }, (_, index) => `late ${index}`);
  for (const id of ids) await database.transaction((session) => version1.append(session, [exampleUsage(id)]));
  return ids;
}
