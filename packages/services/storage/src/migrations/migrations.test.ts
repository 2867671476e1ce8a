import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { applyRetention, type Database, migrate, migrationStatus, openStorage, rollBackTo } from "@hxp/storage";
import { describe, expect, test } from "vitest";
import { type Databases, describeBoth, describeEmbedded } from "../../test/databases.ts";
import { exampleUsage, openPlace, type Place } from "../../test/examples.ts";
import { readSchema } from "../../test/read-schema.ts";
import * as version1 from "../../test/versions/version-1.ts";
import * as version2 from "../../test/versions/version-2.ts";
import { renderColumn } from "../schema/render.ts";
import { keysTable, revisionTable, sumsTable, usageTable } from "../schema/tables.ts";
import { createUsageStore } from "../usage/create-usage-store.ts";
import { codeVersion, migrations } from "./migrations.ts";

const run = promisify(execFile);
const keepAll = { usage: 1e12, hourly: 1e12, daily: 1e12 };
const since = "2026-01-01T00:00:00.000Z";

describe("the versions", () => {
  test("count up from 1, and expand before they backfill before they contract", () => {
    const order = ["expand", "backfill", "contract"];
    for (const [index, { version, steps }] of migrations.entries()) {
      expect(version).toBe(index + 1);
      const places = steps.map(({ phase }) => order.indexOf(phase));
      expect(places).toEqual(places.toSorted((one, other) => one - other));
    }
  });

  test("keep every step under the name and number by which databases know it", () => {
    const steps = migrations.flatMap(({ version, steps: each }) =>
      each.map(({ phase, name }, index) => `${version}.${index + 1} ${phase}: ${name}`),
    );
    expect(steps).toMatchSnapshot();
  });

  test("add no column that rows of older servers could not have", () => {
    for (const { steps } of migrations) {
      for (const { change } of steps) {
        if (change.kind !== "add-column") continue;
        expect(change.column.nullable === true || change.column.fallback !== undefined, change.column.name).toBe(true);
      }
    }
  });
});

describeBoth("a migration", (databases) => {
  test("ends with the tables that the stores are written for, and the same logical schema in both databases", async () => {
    await using database = await openNew(databases);
    await migrate(database);
    const found = await readSchema(database);
    await expect(`${JSON.stringify(found, undefined, 2)}\n`).toMatchFileSnapshot("../../test/logical-schema.json");
    const tables = [keysTable, revisionTable, usageTable, sumsTable];
    const described = tables.flatMap((table) =>
      table.columns.map((column) => [`${table.name}.${column.name}`, column] as const),
    );
    const columns = Object.keys(found.columns).filter((name) => !name.startsWith("hxp_migrations."));
    expect(columns.toSorted()).toEqual(described.map(([name]) => name).toSorted());
    for (const [name, column] of described) {
      const [type] = renderColumn("sqlite", column).split(" ").slice(1);
      expect(found.columns[name], name).toContain(type);
      expect(found.columns[name]?.includes("required"), name).toBe(column.nullable !== true);
    }
  });

  test("says where it stands, before, half way and after", async () => {
    await using database = await openNew(databases);
    expect(await migrationStatus(database)).toMatchObject({ version: 0, programVersion: codeVersion });
    await migrate(database, { target: 1 });
    const half = await migrationStatus(database);
    expect(half.version).toBe(1);
    expect(half.pending[0]).toEqual({ version: 2, phase: "expand", name: "create sums" });
    await migrate(database);
    expect(await migrationStatus(database)).toMatchObject({ version: codeVersion, pending: [] });
    expect(await migrate(database)).toEqual([]);
  });

  test.each([
    [2, version1],
    [3, version2],
  ] as const)(
    "to version %i lets servers of the version before go on through each step, up and down",
    async (version, older) => {
      await using database = await openNew(databases);
      await migrate(database, { target: version - 1 });
      let requests = 0;
      const serve = async (): Promise<void> => {
        requests += 1;
        const record = exampleUsage(`request ${requests}`);
        await database.transaction((session) => older.append(session, [record]));
        expect(await older.sum(database)).toEqual([
          { model: "guide", requests: String(requests), tokens: String(10 * requests) },
        ]);
        expect(await older.insertKey(database, String(requests).padStart(16, "0"))).toBe(requests);
      };
      await serve();
      await migrate(database, { target: version, onStep: serve });
      await serve();
      await migrate(database);
      // What older servers wrote after their backfill is counted by the next version's, or before retention.
      await applyRetention(database, keepAll);
      expect(await requestsBySum(database)).toBe(requests);
      await rollBackTo(database, version);
      await rollBackTo(database, version - 1, { onStep: serve });
      await serve();
      await migrate(database);
      await applyRetention(database, keepAll);
      expect(await requestsBySum(database)).toBe(requests);
    },
  );

  test("goes down to every version and up again with nothing lost and the same schema", async () => {
    const place = await databases.create();
    await using stores = await openStorage(place.config, place);
    await using database = await openPlace(place);
    await stores.usage.append([
      exampleUsage("1", { team: "search" }),
      exampleUsage("2", { at: "2026-03-05T06:07:08.000Z" }),
    ]);
    const schema = await readSchema(database);
    const before = await allSums(database);
    for (const version of [2, 1]) {
      await rollBackTo(database, version);
      expect(await migrationStatus(database)).toMatchObject({ version });
      await migrate(database);
      expect(await readSchema(database)).toEqual(schema);
      expect(await allSums(database)).toEqual(before);
    }
  });

  test("refuses to go down where something would be lost, unless it may", async () => {
    const place = await databases.create();
    await using stores = await openStorage(place.config, place);
    await using database = await openPlace(place);
    await stores.usage.append([exampleUsage("1"), exampleUsage("2")]);
    await database.query("DELETE FROM hxp_usage WHERE id = '1'");
    await expect(rollBackTo(database, 1)).rejects.toMatchObject({
      code: "STORAGE_WOULD_LOSE_DATA",
      message: expect.stringContaining("version 2 holds the sums of 1 requests whose records are deleted already"),
    });
    expect(await migrationStatus(database)).toMatchObject({ version: codeVersion });
    await expect(rollBackTo(database, 0)).rejects.toMatchObject({
      message: expect.stringContaining("1 records of usage"),
    });
    await rollBackTo(database, 0, { discard: true });
    expect(await migrationStatus(database)).toMatchObject({ version: 0 });
    expect(
      Object.keys((await readSchema(database)).columns).filter((name) => !name.startsWith("hxp_migrations")),
    ).toEqual([]);
  });

  test("is taken once by processes that start at once", async () => {
    const place = await databases.create();
    const outputs = await Promise.all(Array.from({ length: 2 }, () => migrateInChild(place)));
    const taken = outputs.flatMap((output) => JSON.parse(output) as string[]);
    const all = migrations.flatMap(({ version, steps }) => steps.map((_, index) => `${version}.${index + 1}`));
    expect(taken.toSorted()).toEqual(all.toSorted());
  });

  test("is finished by a server that starts, and a server that is too old or too new says so", async () => {
    const place = await databases.create();
    await using database = await openPlace(place);
    await migrate(database, { target: 2 });
    const manual = { ...place.config, migration: "manual" } as const;
    await expect(openStorage(manual, place)).rejects.toMatchObject({ code: "STORAGE_VERSION_UNSUPPORTED" });
    {
      await using stores = await openStorage(place.config, place);
      await stores.usage.append([exampleUsage("1")]);
    }
    {
      await using stores = await openStorage(manual, place);
      expect(await stores.usage.sum({ by: "model", since })).toHaveLength(1);
    }
    const insert = "INSERT INTO hxp_migrations VALUES ($1, 1, 'later', '2026-01-01T00:00:00.000Z')";
    await database.query(insert, [codeVersion + 1]);
    await (await openStorage(place.config, place))[Symbol.asyncDispose]();
    await database.query(insert, [codeVersion + 2]);
    await expect(openStorage(place.config, place)).rejects.toMatchObject({ code: "STORAGE_VERSION_UNSUPPORTED" });
    expect(await migrationStatus(database)).toMatchObject({ version: codeVersion + 2 });
  });
});

describeEmbedded("a migration of the embedded database, which has no lock,", (databases) => {
  test("takes no step that another has taken since it was planned", async () => {
    const place = await databases.create();
    await using one = await openPlace(place);
    await using other = await openPlace(place);
    const taken: number[] = [];
    const late = await migrate(one, {
      onStep: async () => {
        taken.push((await migrate(other)).length);
      },
    });
    expect(late).toEqual([]);
    expect(taken[0]).toBe(migrations.flatMap(({ steps }) => steps).length);
    expect(taken.slice(1).every((steps) => steps === 0)).toBe(true);
  });
});

async function requestsBySum(database: Database): Promise<number> {
  const [sum] = await createUsageStore(database, { now: Date.now }).sum({ by: "model", since });
  return sum?.requests ?? 0;
}

async function allSums(database: Database) {
  const { sum } = createUsageStore(database, { now: Date.now });
  return Promise.all((["key", "team", "model"] as const).map((by) => sum({ by, since })));
}

async function openNew(databases: Databases): Promise<Database> {
  return openPlace(await databases.create());
}

async function migrateInChild({ config, folder }: Place): Promise<string> {
  const child = fileURLToPath(new URL("../../test/children/migrate.ts", import.meta.url));
  const written = JSON.stringify(config.url === undefined ? {} : { url: config.url });
  const { stdout } = await run(process.execPath, ["--conditions=@hxp/source", child, written, folder]);
  return stdout;
}
