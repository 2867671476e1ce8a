import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { importAdvisories, openAdvisoryDatabase } from "@hxp/release-gates";
import { writeFiles } from "../../../test/install-workspace.ts";
import { importEntries, makeAdvisory } from "../../../test/make-advisory.ts";
import { makeZip, type ZipEntry } from "../../../test/make-zip.ts";
import { temporaryFolder } from "../../../test/temporary-folder.ts";
import { readZip } from "./read-zip.ts";

const now = new Date("2026-11-22T12:00:00Z");

async function find(databases: string, ...names: string[]): Promise<Record<string, string[]>> {
  await using database = await openAdvisoryDatabase(databases);
  const found = await database!.find(names);
  return Object.fromEntries([...found].map(([name, advisories]) => [name, advisories.map(({ id }) => id)]));
}

async function importZip(...entries: ZipEntry[]): Promise<unknown> {
  const folder = await temporaryFolder();
  const source = join(folder, "all.zip");
  await writeFile(source, makeZip(entries));
  return importAdvisories({ source, databases: join(folder, "databases"), now });
}

const sound = (id: string): ZipEntry => ({ path: `${id}.json`, content: JSON.stringify(makeAdvisory({ id })) });

describe("an import", () => {
  test("makes a database that gives the advisories of a package, and says what it is", async () => {
    const folder = await temporaryFolder();
    const { databases, manifest } = await importEntries(folder, [
      makeAdvisory({ id: "GHSA-1", name: "@scope/a", modified: "2026-11-21T08:00:00Z" }),
      makeAdvisory({ id: "GHSA-2", name: "@scope/a" }),
      makeAdvisory({ id: "MAL-1", name: "b" }),
      makeAdvisory({ id: "GHSA-3", name: "c", withdrawn: "2026-11-01T00:00:00Z", modified: "2026-11-21T09:00:00Z" }),
      { ...makeAdvisory({ id: "PYSEC-1" }), affected: [{ package: { ecosystem: "PyPI", name: "a" } }] },
    ]);
    expect(await find(databases, "@scope/a", "b", "c", "nothing-known")).toEqual({
      "@scope/a": ["GHSA-1", "GHSA-2"],
      b: ["MAL-1"],
    });
    expect(manifest).toMatchObject({
      source: "all.zip",
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      importedAt: "2026-11-22T12:00:00.000Z",
      modified: "2026-11-21T09:00:00.000Z",
      entries: 3,
      withdrawn: 1,
      others: 1,
      packages: 2,
    });
  });

  test("takes the place of the one before, and leaves nothing of it", async () => {
    const folder = await temporaryFolder();
    await importEntries(folder, [makeAdvisory({ id: "GHSA-1" })]);
    const { databases, manifest } = await importEntries(folder, [makeAdvisory({ id: "GHSA-2" })]);
    expect(await find(databases, "leaf")).toEqual({ leaf: ["GHSA-2"] });
    const { readdir } = await import("node:fs/promises");
    expect((await readdir(databases)).toSorted()).toEqual([manifest.file, "osv-npm.json"].toSorted());
  });

  test("reads a folder, too, with a digest of all its files", async () => {
    const folder = await temporaryFolder();
    const entry = makeAdvisory({ id: "GHSA-1" });
    await writeFiles(folder, { "osv/2026/GHSA-1.json": entry, "osv/.git/x.json": "not an entry", "osv/README.md": "" });
    const run = () => importAdvisories({ source: join(folder, "osv"), databases: join(folder, "databases"), now });
    const first = await run();
    expect(first).toMatchObject({ source: "osv", entries: 1 });
    expect((await run()).digest).toBe(first.digest);
    await writeFiles(folder, { "osv/2026/GHSA-1.json": { ...entry, summary: "another" } });
    expect((await run()).digest).not.toBe(first.digest);
  });

  test("joins what an entry says of one package in several places", async () => {
    const { affected } = makeAdvisory({ id: "GHSA-1", events: [{ introduced: "0" }, { fixed: "1.0.0" }] });
    const second = makeAdvisory({ id: "GHSA-1", events: [{ introduced: "2.0.0" }] });
    const entry = { ...second, affected: [...(affected as object[]), ...(second["affected"] as object[])] };
    const { databases } = await importEntries(await temporaryFolder(), [entry]);
    await using database = await openAdvisoryDatabase(databases);
    expect((await database!.find(["leaf"])).get("leaf")).toMatchObject([{ id: "GHSA-1", ranges: [{}, {}] }]);
  });
});

describe("a bad source imports nothing and says what is wrong with which file", () => {
  test.each<[string, ZipEntry[], RegExp]>([
    ["JSON that is none", [sound("GHSA-1"), { path: "b.json", content: "{" }], /b\.json is refused: it is not JSON/],
    ["an entry without id", [{ path: "b.json", content: "{}" }], /b\.json.*OSV format.*id/s],
    [
      "a time that is none",
      [{ path: "b.json", content: JSON.stringify(makeAdvisory({ id: "x", modified: "soon" })) }],
      /modified/,
    ],
    [
      "two entries of one id",
      [sound("GHSA-1"), { ...sound("GHSA-1"), path: "b.json" }],
      /GHSA-1 is in GHSA-1\.json, too/,
    ],
    ["no entry about npm", [{ path: "a.txt", content: "" }], /no entry about an npm package/],
    ["a wrong checksum", [{ ...sound("GHSA-1"), checksum: 1 }], /GHSA-1\.json.*checksum/],
    [
      "a bomb: more than its directory says",
      [{ path: "b.json", content: " ".repeat(9_000), size: 10 }],
      /b\.json cannot be unpacked to the 10 bytes/,
    ],
    ["a file that says it is huge", [{ path: "b.json", content: "x", size: 2 ** 25 }], /b\.json with 33554432 bytes/],
    ["encryption", [{ ...sound("GHSA-1"), flags: 1 }], /encrypted/],
    ["an unknown method", [{ ...sound("GHSA-1"), method: 12 }], /method 12/],
  ])("%s", async (_title, entries, message) => {
    await expect(importZip(...entries)).rejects.toMatchObject({
      code: "ADVISORY_SOURCE_INVALID",
      message: expect.stringMatching(message),
    });
  });

  test("a file that is no zip, or a cut one", async () => {
    const folder = await temporaryFolder();
    const source = join(folder, "all.zip");
    for (const bytes of [Buffer.from("no zip"), makeZip([sound("GHSA-1")]).subarray(0, 300)]) {
      await writeFile(source, bytes);
      const failed = importAdvisories({ source, databases: join(folder, "databases"), now });
      await expect(failed).rejects.toMatchObject({ code: "ADVISORY_SOURCE_INVALID" });
    }
    expect(await openAdvisoryDatabase(join(folder, "databases"))).toBeUndefined();
  });

  test("more files or bytes than any real source has", async () => {
    const zip = makeZip([sound("GHSA-1"), sound("GHSA-2")]);
    const read = async (limits: object): Promise<void> => {
      const all = { bytes: 1e6, files: 9, fileBytes: 1e6, unpackedBytes: 1e6, ...limits };
      for await (const _file of readZip(zip, all)) continue;
    };
    await read({});
    await expect(read({ files: 1 })).rejects.toThrow("it has 2 files; at most 1 are read");
    await expect(read({ unpackedBytes: 500 })).rejects.toThrow("more than 500 bytes");
  });

  test("leaves the database before as it was", async () => {
    const folder = await temporaryFolder();
    const { databases } = await importEntries(folder, [makeAdvisory({ id: "GHSA-1" })]);
    await expect(importEntries(folder, [makeAdvisory({ id: "GHSA-2" }), {}])).rejects.toThrow("OSV format");
    expect(await find(databases, "leaf")).toEqual({ leaf: ["GHSA-1"] });
  });

  test("stops with the signal's reason", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "all.zip"), makeZip([sound("GHSA-1")]));
    const reason = new Error("stopped by the operator");
    const options = { source: join(folder, "all.zip"), databases: folder, now, signal: AbortSignal.abort(reason) };
    await expect(importAdvisories(options)).rejects.toBe(reason);
  });
});

describe("an import from a URL", () => {
  async function serve(handle: (url: string) => { status: number; body?: Buffer; location?: string }): Promise<string> {
    const server = createServer((request, response) => {
      const { status, body, location } = handle(request.url ?? "");
      response.writeHead(status, location === undefined ? {} : { location }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test("downloads the zip and keeps no query of its address", async () => {
    const url = await serve(() => ({ status: 200, body: makeZip([sound("GHSA-1")]) }));
    const databases = await temporaryFolder();
    const manifest = await importAdvisories({ source: `${url}/npm/all.zip?token=secret`, databases, now });
    expect(manifest).toMatchObject({ source: `${url}/npm/all.zip`, entries: 1 });
  });

  test("says what the server answered", async () => {
    const url = await serve(() => ({ status: 503 }));
    const failed = importAdvisories({ source: `${url}/all.zip`, databases: await temporaryFolder(), now });
    await expect(failed).rejects.toMatchObject({
      code: "ADVISORY_SOURCE_UNREACHABLE",
      message: `${url}/all.zip cannot be downloaded: it answered 503.`,
      retryable: true,
    });
  });

  test.each(["http://example.com/all.zip", "ftp://example.com/all.zip", "file:///etc/passwd"])(
    "refuses %s",
    async (source) => {
      const failed = importAdvisories({ source, databases: await temporaryFolder(), now });
      await expect(failed).rejects.toMatchObject({ code: "USAGE_INVALID" });
    },
  );
});

describe("a database that somebody changed", () => {
  async function tamper(change: (bytes: Buffer) => Buffer): Promise<string> {
    const entries = Array.from({ length: 40 }, (_, index) => makeAdvisory({ id: `GHSA-${index}`, name: `p${index}` }));
    const { databases, manifest } = await importEntries(await temporaryFolder(), entries);
    const path = join(databases, manifest.file);
    await writeFile(path, change(await readFile(path)));
    return databases;
  }

  test.each<[string, (bytes: Buffer) => Buffer]>([
    [
      "an advisory",
      (bytes) => Buffer.from(bytes.toString("latin1").replace('"introduced":"0"', '"introduced":"9"'), "latin1"),
    ],
    ["the table", (bytes) => bytes.fill(7, 20, 24)],
    ["the beginning", (bytes) => bytes.fill(0, 0, 4)],
    ["the length", (bytes) => bytes.subarray(0, bytes.length - 1)],
  ])("by %s is refused, not looked up", async (_title, change) => {
    const databases = await tamper(change);
    const names = Array.from({ length: 40 }, (_, index) => `p${index}`);
    await expect(find(databases, ...names)).rejects.toMatchObject({ code: "ADVISORY_DATABASE_INVALID", exitCode: 15 });
  });

  test("in a place that no look-up reads is found by verify", async () => {
    const databases = await tamper((bytes) => bytes.fill(32, bytes.length - 3, bytes.length - 2));
    await using database = await openAdvisoryDatabase(databases);
    await expect(database!.verify()).rejects.toMatchObject({ code: "ADVISORY_DATABASE_INVALID" });
  });

  test("by its manifest, or without its file, is refused", async () => {
    const databases = await tamper((bytes) => bytes);
    const path = join(databases, "osv-npm.json");
    const manifest = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
    for (const part of [
      { file: "../../etc/passwd" },
      { file: "osv-npm-0123456789abcdef.db" },
      { entries: -1 },
      { table: "sha256:" },
    ]) {
      await writeFile(path, JSON.stringify({ ...manifest, ...part }));
      await expect(find(databases, "p1")).rejects.toMatchObject({ code: "ADVISORY_DATABASE_INVALID" });
    }
    await writeFile(path, "{");
    await expect(find(databases, "p1")).rejects.toThrow("osv-npm.json is not a manifest");
  });
});
