import type { HxpError } from "@hxp/errors";
import { type Database, migrate, migrationStatus, openStorage } from "@hxp/storage";
import { expect, onTestFinished, test } from "vitest";
import { describeBoth } from "../../test/databases.ts";
import { exampleUsage, openPlace } from "../../test/examples.ts";
import * as version1 from "../../test/versions/version-1.ts";
import { createUsageStore } from "../usage/create-usage-store.ts";
import { finishMigration } from "./finish-migration.ts";
import { codeVersion } from "./migrations.ts";
import { prepare } from "./prepare.ts";

const since = "2026-01-01T00:00:00.000Z";

describeBoth("a backfill that fails", (databases) => {
  test("holds no server up, and is tried again, more and more seldom, until it is done", async () => {
    await using database = await openPlace(await databases.create());
    await migrate(database, { target: codeVersion - 1 });
    await version1.append(database, [exampleUsage("1")]);
    const allow = await forbidCounting(database);
    const problems: HxpError[] = [];
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const onProblem = (problem: HxpError): void => void problems.push(problem);
    await prepare(database, { migration: "automatic", onProblem, signal: stop.signal, firstWaitMs: 20 });
    await expect.poll(() => problems.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(2);
    expect(problems.slice(0, 2)).toMatchObject(
      [20, 40].map((retryInMs) => ({
        message: expect.stringMatching(/not brought to version 3 as a whole yet, .* again in 0\.0\d s: .*not now/),
        details: { retryInMs },
      })),
    );
    expect(await migrationStatus(database)).toMatchObject({
      version: codeVersion,
      pending: [{ phase: "backfill" }, {}, {}, {}],
    });
    await allow();
    await expect.poll(() => migrationStatus(database), { timeout: 30_000 }).toMatchObject({ pending: [] });
    const usage = createUsageStore(database, { now: Date.now });
    expect(await usage.sum({ by: "model", since })).toMatchObject([{ requests: 1 }]);
  });

  test("is told by a server that serves meanwhile", async () => {
    const place = await databases.create();
    await using database = await openPlace(place);
    await migrate(database, { target: codeVersion - 1 });
    await version1.append(database, [exampleUsage("1")]);
    await forbidCounting(database);
    const problems: unknown[] = [];
    await using stores = await openStorage(place.config, { ...place, onProblem: (problem) => problems.push(problem) });
    expect(await stores.keys.list()).toEqual([]);
    await expect.poll(() => problems, { timeout: 30_000 }).toMatchObject([{ details: { retryInMs: 5000 } }]);
  });

  test("is not tried again when its server ends, or when somebody has rolled the database back", async () => {
    await using database = await openPlace(await databases.create());
    await migrate(database, { target: 1 });
    const problems: unknown[] = [];
    const failed = (): Promise<never> => Promise.reject(new Error("no"));
    const options = { onProblem: (problem: unknown) => problems.push(problem), firstWaitMs: 1 };
    await finishMigration(database, { ...options, running: failed(), signal: AbortSignal.abort() });
    expect(problems).toEqual([]);
    await finishMigration(database, { ...options, running: failed(), signal: new AbortController().signal });
    expect(problems).toHaveLength(1);
    expect(await migrationStatus(database)).toMatchObject({ version: 1 });
  });
});

/** Lets nobody mark a record as counted, until what is returned is called. */
async function forbidCounting(database: Database): Promise<() => Promise<void>> {
  if (database.dialect === "sqlite") {
    await database.query("CREATE TRIGGER no BEFORE UPDATE ON hxp_usage BEGIN SELECT RAISE(ABORT, 'not now'); END");
    return async () => void (await database.query("DROP TRIGGER no"));
  }
  const raise = "BEGIN RAISE EXCEPTION 'not now'; END";
  await database.query(`CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS '${raise.replaceAll("'", "''")}'`);
  await database.query("CREATE TRIGGER no BEFORE UPDATE ON hxp_usage FOR EACH ROW EXECUTE FUNCTION no()");
  return async () => void (await database.query("DROP TRIGGER no ON hxp_usage"));
}
