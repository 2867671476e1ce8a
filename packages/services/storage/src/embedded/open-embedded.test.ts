import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { migrate, openStorage } from "@hxp/storage";
import { expect, test } from "vitest";
import { runChild } from "../../test/children/run-child.ts";
import { describeEmbedded } from "../../test/databases.ts";
import { exampleKey, exampleUsage, openPlace, readStorageConfig } from "../../test/examples.ts";
import { createUsageStore } from "../usage/create-usage-store.ts";

const run = promisify(execFile);
const since = "2026-01-01T00:00:00.000Z";

describeEmbedded("the embedded database", (databases) => {
  test("makes its folder and files for the current user only", async () => {
    const { config, folder } = await databases.create();
    await using stores = await openStorage(config, { folder: join(folder, "data", "storage") });
    await stores.keys.insert(exampleKey(1));
    expect((await stat(join(folder, "data", "storage"))).mode & 0o777).toBe(0o700);
    const files = await readdir(join(folder, "data", "storage"));
    expect(files).toContain("hxp.db");
    for (const file of files)
      expect((await stat(join(folder, "data", "storage", file))).mode & 0o777, file).toBe(0o600);
  });

  test("lies in the folder that the config names", async () => {
    const { folder } = await databases.create();
    await using stores = await openStorage(readStorageConfig({ folder }), { folder: "/nonexistent" });
    expect(await stores.keys.list()).toEqual([]);
  });

  test("can be open in several processes at once, each of which sees what the others wrote", async () => {
    const place = await databases.create();
    await using stores = await openStorage(place.config, place);
    const child = runChild(new URL("../../test/children/append.ts", import.meta.url), place, "child");
    while (!child.output().includes("\n")) await once(child.process.stdout!, "data");
    await stores.usage.append([exampleUsage("parent", { model: "parent" })]);
    const revision = (await stores.keys.insert(exampleKey(1))).revision;
    expect(revision).toBe(1);
    const sums = await stores.usage.sum({ by: "model", since });
    expect(sums.map(({ group }) => group)).toEqual(["guide", "parent"]);
    child.process.kill("SIGKILL");
    await child.ended;
  });

  test("opens in a process with flags of V8, which a thread does not take", async () => {
    const { folder } = await databases.create();
    const program = fileURLToPath(new URL("../../test/children/open.ts", import.meta.url));
    const words = ["--max-semi-space-size=8", "--conditions=@hxp/source", program, "{}", folder];
    await expect(run(process.execPath, words)).resolves.toMatchObject({ stderr: "" });
  });

  test("waits for a writer in another process without holding up its own, and gives up in time", async () => {
    const place = await databases.create();
    const config = readStorageConfig({ timeouts: { lock: "500ms" } });
    await using stores = await openStorage(config, place);
    using writer = new DatabaseSync(join(place.folder, "hxp.db"));
    writer.exec("BEGIN IMMEDIATE");
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 10);
    await expect(stores.usage.append([exampleUsage("1")])).rejects.toMatchObject({
      code: "STORAGE_UNAVAILABLE",
      hint: expect.stringContaining("timeouts.lock"),
    });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(3);
    expect(await stores.usage.sum({ by: "model", since })).toEqual([]);
    writer.exec("COMMIT");
    await stores.usage.append([exampleUsage("1")]);
    expect(await stores.usage.sum({ by: "model", since })).toHaveLength(1);
  });

  test("says that the disk is full, keeps nothing of what did not fit, and goes on when there is room", async () => {
    await using database = await openPlace(await databases.create());
    await migrate(database);
    const usage = createUsageStore(database, { now: Date.now });
    const [pages] = await database.query("PRAGMA page_count");
    await database.query(`PRAGMA max_page_count = ${Number(pages?.["page_count"]) + 3}`);
    const records = Array.from({ length: 300 }, (_, index) => exampleUsage(`request ${index}`));
    await expect(usage.append(records)).rejects.toMatchObject({ code: "STORAGE_FULL", status: 507 });
    expect(await database.query("SELECT id FROM hxp_usage")).toEqual([]);
    await database.query("PRAGMA max_page_count = 1000000");
    await usage.append(records);
    expect(await usage.sum({ by: "model", since })).toMatchObject([{ requests: 300 }]);
  });

  test("refuses a folder that it cannot make, and a file that is no database", async () => {
    const { config, folder } = await databases.create();
    await mkdir(folder);
    const file = join(folder, "file");
    await writeFile(file, "");
    await expect(openStorage(config, { folder: file })).rejects.toMatchObject({
      code: "STORAGE_UNAVAILABLE",
      message: expect.stringContaining(join(file, "hxp.db")),
    });
    await writeFile(
      join(folder, "hxp.db"),
      "This is a text that is longer than the head of a database's file. ".repeat(20),
    );
    await expect(openStorage(config, { folder })).rejects.toMatchObject({
      code: "STORAGE_UNAVAILABLE",
      hint: expect.stringContaining("no database"),
    });
  });

  test("fails every statement after it was closed, and can be closed twice", async () => {
    const place = await databases.create();
    const stores = await openStorage(place.config, place);
    await stores[Symbol.asyncDispose]();
    await expect(stores.keys.list()).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
    await stores[Symbol.asyncDispose]();
  });

  test("prints no warning, and keeps no process alive that is done", async () => {
    const { folder } = await databases.create();
    const program = fileURLToPath(new URL("../../test/children/open.ts", import.meta.url));
    const { stdout, stderr } = await run(process.execPath, ["--conditions=@hxp/source", program, "{}", folder]);
    expect(stderr).toBe("");
    expect(stdout).toBe("0 keys\n");
  });
});
