import { createHash } from "node:crypto";
import { cp, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ExportManifest, exportStorage, importStorage, openStorage, rollBackTo } from "@hxp/storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Databases, describeBoth, describeEmbedded, describePostgres } from "../../test/databases.ts";
import { exampleKey, exampleUsage, openPlace, type Place } from "../../test/examples.ts";
import { readSchema } from "../../test/read-schema.ts";

let root = "";
let folders = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "hxp-export-"));
});
afterAll(() => rm(root, { recursive: true }));

function newFolder(): string {
  folders += 1;
  return join(root, `export-${folders}`);
}

describe("a round trip", () => {
  describeEmbedded("from the embedded database", (embedded) => {
    describePostgres("to PostgreSQL and back", (postgres) => {
      test("loses nothing of thousands of rows, and every file of both exports is the same", async () => {
        const first = await createSeeded(embedded, { keys: 40, records: 2500 });
        const [there, back] = [newFolder(), newFolder()];
        await using source = await openPlace(first);
        const manifest = await exportStorage(source, there);
        expect(manifest.tables.keys.rows).toBe(40);
        expect(manifest.tables.usage.rows).toBe(2500);
        expect(manifest.tables.sums.rows).toBeGreaterThan(500);

        await using middle = await openPlace(await postgres.create());
        const { added } = await importStorage(middle, there);
        expect(added).toEqual({ keys: 40, usage: 2500, sums: manifest.tables.sums.rows });
        expect((await exportStorage(middle, back)).tables).toEqual(manifest.tables);
        for (const file of ["keys.jsonl", "usage.jsonl", "sums.jsonl"]) {
          expect((await readFile(join(back, file))).equals(await readFile(join(there, file))), file).toBe(true);
        }

        const last = await embedded.create();
        await using target = await openPlace(last);
        await importStorage(target, back);
        await using stores = await openStorage(last.config, last);
        await using original = await openStorage(first.config, first);
        expect(await stores.keys.changedSince(0)).toEqual(await original.keys.changedSince(0));
        for (const by of ["key", "team", "model"] as const) {
          const query = { by, since: "2020-01-01T00:00:00.000Z" } as const;
          expect(await stores.usage.sum(query)).toEqual(await original.usage.sum(query));
        }
        // Revisions go on where they were, so a poller that moves over misses nothing.
        expect((await stores.keys.insert(exampleKey(7777))).revision).toBe(manifest.keyRevision + 1);
      });
    });
  });
});

describeBoth("an export", (databases) => {
  test("holds counts and digests of its files, which nobody else may read", async () => {
    const folder = newFolder();
    await using database = await openPlace(await createSeeded(databases, { records: 20 }));
    const manifest = await exportStorage(database, folder, { now: () => Date.parse("2026-07-01T00:00:00Z") });
    expect(JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"))).toEqual(manifest);
    expect(manifest).toMatchObject({
      format: "hxp-storage-export/1",
      schemaVersion: 3,
      exportedAt: "2026-07-01T00:00:00.000Z",
    });
    for (const name of ["keys", "usage", "sums"] as const) {
      const path = join(folder, `${name}.jsonl`);
      const content = await readFile(path, "utf8");
      expect(manifest.tables[name].rows).toBe(content.split("\n").length - 1);
      expect(manifest.tables[name].sha256).toBe(createHash("sha256").update(content).digest("hex"));
      expect((await stat(path)).mode & 0o777).toBe(0o600);
    }
    await expect(exportStorage(database, folder)).rejects.toMatchObject({ code: "USAGE_INVALID" });
  });

  test("is of one moment, while a server writes on", async () => {
    const folder = newFolder();
    const place = await createSeeded(databases, { records: 1500 });
    await using stores = await openStorage(place.config, place);
    await using database = await openPlace(place);
    const stop = new AbortController();
    const writing = (async () => {
      for (let batch = 0; !stop.signal.aborted; batch += 1)
        await stores.usage.append([exampleUsage(`while ${batch}`), exampleUsage(`when ${batch}`)]);
    })();
    const manifest = await exportStorage(database, folder);
    stop.abort();
    await writing;
    const requests = (await readFile(join(folder, "sums.jsonl"), "utf8"))
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as { kind: string; requests: number })
      .filter(({ kind }) => kind === "model")
      .reduce((sum, row) => sum + row.requests, 0);
    expect(requests).toBe(manifest.tables.usage.rows);
  });

  test("is refused of a database that is not of this version", async () => {
    await using database = await openPlace(await createSeeded(databases, { records: 1 }));
    await rollBackTo(database, 2);
    await expect(exportStorage(database, newFolder())).rejects.toMatchObject({ code: "STORAGE_VERSION_UNSUPPORTED" });
  });
});

describeBoth("an import", (databases) => {
  let small = "";
  beforeAll(async () => {
    small = newFolder();
    await using source = await openPlace(await createSeeded(databases, { records: 5 }));
    await exportStorage(source, small);
  });

  /** A folder of its own, with the same small export. */
  async function copyOfExport(): Promise<string> {
    const folder = newFolder();
    await cp(small, folder, { recursive: true });
    return folder;
  }

  test("that was cut off goes on, and one that is done changes nothing", async () => {
    const folder = newFolder();
    await using source = await openPlace(await createSeeded(databases, { records: 250 }));
    const { tables } = await exportStorage(source, folder);
    await using target = await openPlace(await databases.create());
    await importStorage(target, folder);
    await target.query("DELETE FROM hxp_usage WHERE id > 'request 150'");
    await target.query("DELETE FROM hxp_usage_sums");
    const again = await importStorage(target, folder);
    expect(again.added).toMatchObject({ keys: 0, sums: tables.sums.rows });
    expect(again.added.usage).toBeGreaterThan(0);
    expect((await importStorage(target, folder)).added).toEqual({ keys: 0, usage: 0, sums: 0 });
  });

  test.each([
    ["another row", (place: Place) => addUsage(place, "not in the export", {})],
    ["a row that differs", (place: Place) => addUsage(place, "request 1", { promptTokens: 99 })],
  ])("is refused by a database that holds %s, and leaves it as it is", async (_, spoil) => {
    const folder = await copyOfExport();
    const place = await databases.create();
    await spoil(place);
    await using target = await openPlace(place);
    await expect(importStorage(target, folder)).rejects.toMatchObject({ code: "STORAGE_NOT_EMPTY" });
    expect(await target.query("SELECT id FROM hxp_keys")).toEqual([]);
  });

  test.each<[string, (folder: string) => Promise<unknown>]>([
    ["has no manifest", (folder) => rm(join(folder, "manifest.json"))],
    ["has a manifest that is not JSON", (folder) => writeFile(join(folder, "manifest.json"), "{")],
    ["is of a later version", (folder) => editManifest(folder, (manifest) => ({ ...manifest, schemaVersion: 99 }))],
    ["has a manifest with unknown keys", (folder) => editManifest(folder, (manifest) => ({ ...manifest, extra: 1 }))],
    ["misses a file", (folder) => rm(join(folder, "usage.jsonl"))],
    ["lost a line", (folder) => edit(folder, (text) => text.slice(text.indexOf("\n") + 1))],
    ["was cut off within a line", (folder) => edit(folder, (text) => text.slice(0, -5))],
    ["was changed", (folder) => edit(folder, (text) => text.replace('"promptTokens":10', '"promptTokens":11'))],
    ["has an endless line", (folder) => edit(folder, () => "x".repeat(3_000_000))],
  ])("of an export that %s is refused, and nothing is written", async (_, spoil) => {
    const folder = await copyOfExport();
    await spoil(folder);
    await using target = await openPlace(await databases.create());
    await expect(importStorage(target, folder)).rejects.toMatchObject({ code: "STORAGE_EXPORT_INVALID" });
    expect(await readSchema(target)).toEqual({ columns: {}, indexes: {} });
  });

  test("of an export with a line that is no record, though its digest fits, is refused", async () => {
    const folder = await copyOfExport();
    await forge(folder);
    await using target = await openPlace(await databases.create());
    await expect(importStorage(target, folder)).rejects.toMatchObject({ code: "STORAGE_EXPORT_INVALID" });
    expect(await target.query("SELECT id FROM hxp_usage")).toEqual([]);
  });
});

/** A database with so many keys and records, some of whose texts are odd. */
async function createSeeded(
  databases: Databases,
  { keys = 6, records }: { keys?: number; records: number },
): Promise<Place> {
  const place = await databases.create();
  await using stores = await openStorage(place.config, place);
  for (let number = 0; number < keys; number += 1) {
    const odd =
      number % 4 === 0
        ? { limits: { tokensPerMinute: number, budget: { period: "day", cost: 0.1 } } as const, models: ["b", "a"] }
        : {};
    const key = await stores.keys.insert(exampleKey(number, { name: `key \u2028\u{1F600} "${number}"`, ...odd }));
    if (number % 5 === 0) await stores.keys.replace({ ...key, revokedAt: "2026-02-03T04:05:06.789Z" });
  }
  const start = Date.parse("2026-01-01T00:00:00Z");
  await stores.usage.append(
    Array.from({ length: records }, (_, index) =>
      exampleUsage(`request ${index}`, {
        at: new Date(start + index * 1_234_567).toISOString(),
        key: String(index % keys).padStart(16, "0"),
        model: ["guide", "línea\u2028", "z\u{1F680}", "\u{FFFD}"][index % 4] ?? "",
        cost: index / 7,
        durationMs: index / 3,
        ...(index % 3 === 0 ? { team: "search", error: "MODEL_UNAVAILABLE", firstByteMs: 1 / 3 } : {}),
      }),
    ),
  );
  return place;
}

async function addUsage(place: Place, id: string, change: object): Promise<void> {
  await using stores = await openStorage(place.config, place);
  await stores.usage.append([exampleUsage(id, change)]);
}

async function edit(folder: string, change: (text: string) => string): Promise<void> {
  const path = join(folder, "usage.jsonl");
  await writeFile(path, change(await readFile(path, "utf8")));
}

async function editManifest(folder: string, change: (manifest: ExportManifest) => object): Promise<void> {
  const path = join(folder, "manifest.json");
  const manifest = JSON.parse(await readFile(path, "utf8")) as ExportManifest;
  await writeFile(path, JSON.stringify(change(manifest)));
}

async function forge(folder: string): Promise<void> {
  const content = '{"id":"1","at":"yesterday"}\n';
  await edit(folder, () => content);
  const sha256 = createHash("sha256").update(content).digest("hex");
  await editManifest(folder, (manifest) => ({
    ...manifest,
    tables: { ...manifest.tables, usage: { rows: 1, sha256 } },
  }));
}
