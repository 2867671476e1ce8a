import { execFile } from "node:child_process";
import { once } from "node:events";
import { copyFile, chown, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { inspect, promisify } from "node:util";
import type { Stores } from "@hxp/schema-storage";
import { openDatabase, openStorage } from "@hxp/storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describePostgres } from "./databases.ts";
import { exampleKey, exampleUsage, type Place, readStorageConfig } from "./examples.ts";
import type { PostgresServer } from "./postgres-server.ts";

const run = promisify(execFile);
const since = "2026-01-01T00:00:00.000Z";
const unavailable = { code: "STORAGE_UNAVAILABLE" };

describePostgres("stores on PostgreSQL", (databases) => {
  test("are there before their database is, and work when it comes", async () => {
    const place = await databases.create();
    await databases.server.stop("fast");
    const problems: unknown[] = [];
    await using stores = await openStorage(place.config, { ...place, onProblem: (problem) => problems.push(problem) });
    expect(problems).toEqual([expect.objectContaining(unavailable)]);
    await expect(stores.keys.list()).rejects.toMatchObject({ ...unavailable, status: 503, retryable: true });
    await expect(stores.usage.append([exampleUsage("1")])).rejects.toMatchObject(unavailable);
    await databases.server.start();
    await untilItWorks(() => stores.usage.append([exampleUsage("1")]));
    expect(await stores.usage.sum({ by: "model", since })).toHaveLength(1);
  });

  test("go on after their connections were ended", async () => {
    const place = await databases.create();
    await using stores = await openStorage(place.config, place);
    await stores.keys.insert(exampleKey(1));
    const ended = await databases.server.query(
      urlOf(place),
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hxp' AND datname = current_database()",
    );
    expect(ended.length).toBeGreaterThan(0);
    await untilItWorks(() => stores.keys.insert(exampleKey(2)));
    expect(await stores.keys.list()).toHaveLength(2);
  });

  test("do not wait for a statement for longer than they may", async () => {
    const place = await databases.create();
    await (await openStorage(place.config, place))[Symbol.asyncDispose]();
    const config = readStorageConfig({ url: urlOf(place), timeouts: { statement: "300ms" } });
    await using stores = await openStorage(config, place);
    await untilItWorks(() => stores.keys.list());
    await using blocker = await openDatabase(place.config, place);
    await blocker.transaction(async (session) => {
      await session.query("LOCK TABLE hxp_usage IN ACCESS EXCLUSIVE MODE");
      await expect(stores.usage.append([exampleUsage("1")])).rejects.toMatchObject({
        ...unavailable,
        hint: expect.stringContaining("timeouts.statement"),
      });
    });
    await untilItWorks(() => stores.usage.append([exampleUsage("1")]));
    expect(await stores.usage.sum({ by: "model", since })).toMatchObject([{ requests: 1 }]);
  });

  test("share the connections that they may have, and no more", async () => {
    const place = await databases.create();
    const config = readStorageConfig({ url: urlOf(place), pool: { size: 2 } });
    await using stores = await openStorage(config, place);
    await Promise.all(Array.from({ length: 30 }, (_, index) => stores.keys.insert(exampleKey(index))));
    expect(await stores.keys.list()).toHaveLength(30);
    const [row] = await databases.server.query(
      urlOf(place),
      "SELECT COUNT(*)::int AS count FROM pg_stat_activity WHERE application_name = 'hxp' AND datname = current_database()",
    );
    expect(row?.["count"]).toBeLessThanOrEqual(2);
  });

  test("do not wait for a node that migrates for longer than they may, and work when it is done", async () => {
    const place = await databases.create();
    const config = readStorageConfig({ url: urlOf(place), timeouts: { statement: "300ms" } });
    await using other = await openDatabase(place.config, place);
    let stores: Stores | undefined;
    await other.exclusive(async () => {
      const problems: unknown[] = [];
      stores = await openStorage(config, { ...place, onProblem: (problem) => problems.push(problem) });
      expect(problems).toEqual([expect.objectContaining(unavailable)]);
      await expect(stores.keys.list()).rejects.toMatchObject({
        ...unavailable,
        message: expect.stringContaining("still being brought up"),
      });
    });
    await untilItWorks(() => stores!.keys.insert(exampleKey(1)));
    await stores?.[Symbol.asyncDispose]();
  });

  test("say that a database is missing, and name it", async () => {
    const url = urlOf(await databases.create()).replace(/\/test_\d+$/, "/elsewhere");
    await using database = await openDatabase(readStorageConfig({ url }), { folder: "/nonexistent" });
    await expect(database.query("SELECT 1")).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringContaining("/elsewhere"),
      hint: "Create the database that url names.",
    });
  });

  test("use the socket that a URL names", async () => {
    const { pathname } = new URL(urlOf(await databases.create()));
    const { folder, port } = databases.server;
    const url = `postgres://hxp@${encodeURIComponent(folder)}:${port}${pathname}`;
    await using stores = await openStorage(readStorageConfig({ url }), { folder: "/nonexistent" });
    expect(await stores.keys.list()).toEqual([]);
  });

  test("read their password for every connection, and never show it", async () => {
    const place = await databases.create();
    const admin = urlOf(place);
    await databases.server.query(admin, "CREATE ROLE guarded LOGIN PASSWORD 'first secret'");
    await databases.server.query(admin, "GRANT ALL ON SCHEMA public TO guarded");
    const config = readStorageConfig({ url: admin.replace("hxp@", "guarded@"), password: "${env:DATABASE_PASSWORD}" });
    const variables: Record<string, string> = { DATABASE_PASSWORD: "first secret" };
    await using stores = await openStorage(config, { folder: "/nonexistent", variables });
    await stores.keys.insert(exampleKey(1));
    await databases.server.query(admin, "ALTER ROLE guarded PASSWORD 'second secret'");
    await databases.server.query(
      admin,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'guarded'",
    );

    // First the connection that was ended fails, and then the one that takes its place.
    let failure: unknown;
    await expect
      .poll(async () => (failure = await stores.keys.list().catch((error: unknown) => error)), { timeout: 30_000 })
      .toMatchObject({ ...unavailable, hint: expect.stringContaining("password") });
    const shown = [
      inspect(failure, { depth: 9, showHidden: true }),
      JSON.stringify(failure),
      inspect(stores, { depth: 9 }),
    ];
    expect(shown.join("\n")).not.toContain("first secret");
    variables["DATABASE_PASSWORD"] = "second secret";
    await untilItWorks(() => stores.keys.insert(exampleKey(2)));

    const nowhere = { folder: "/nonexistent", variables: {} };
    await expect(openStorage(config, nowhere)).rejects.toMatchObject({ code: "CONFIG_REFERENCE_MISSING" });
  });

  describe("under TLS", () => {
    let certificates = "";
    beforeAll(async () => {
      certificates = await mkdtemp(join(tmpdir(), "hxp-tls-"));
      await makeCertificate(certificates, "server");
      await makeCertificate(certificates, "other");
      await installCertificate(databases.server, certificates);
    });
    afterAll(() => rm(certificates, { recursive: true }));

    const open = async (tls: object, host = "127.0.0.1") => {
      const url = urlOf(await databases.create()).replace("127.0.0.1", host);
      return openDatabase(readStorageConfig({ url, tls }), { folder: "/nonexistent" });
    };
    const isEncrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

    test("talk to a server that an authority of theirs vouches for", async () => {
      await using database = await open({ mode: "verify", ca: join(certificates, "server.crt") });
      expect(await database.query(isEncrypted)).toEqual([{ ssl: "t" }]);
    });

    test("talk to whoever answers, where they are told to", async () => {
      await using database = await open({ mode: "encrypt" });
      expect(await database.query(isEncrypted)).toEqual([{ ssl: "t" }]);
    });

    test("refuse a server that nobody vouches for, another one, and another name", async () => {
      await using unknown = await open({ mode: "verify" });
      await expect(unknown.query("SELECT 1")).rejects.toMatchObject(unavailable);
      await using other = await open({ mode: "verify", ca: join(certificates, "other.crt") });
      await expect(other.query("SELECT 1")).rejects.toMatchObject(unavailable);
      await using named = await open({ mode: "verify", ca: join(certificates, "server.crt") }, "localhost");
      await expect(named.query("SELECT 1")).rejects.toMatchObject({
        ...unavailable,
        message: expect.stringContaining("localhost"),
      });
    });

    test("say which file of authorities they cannot read", async () => {
      await expect(open({ mode: "verify", ca: "/nonexistent/ca.pem" })).rejects.toMatchObject({
        code: "FILE_UNREADABLE",
        message: expect.stringContaining("/nonexistent/ca.pem"),
      });
    });
  });
});

describe("a server that takes connections and says nothing", () => {
  test("is unavailable when the time to connect is over", async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => sockets.add(socket)).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const config = readStorageConfig({ url: `postgres://hxp@127.0.0.1:${port}/hxp`, timeouts: { connect: "300ms" } });
    await using stores = await openStorage(config, { folder: "/nonexistent" });
    await expect(stores.keys.list()).rejects.toMatchObject(unavailable);
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
});

function urlOf({ config }: Place): string {
  if (config.url === undefined) throw new Error("The place has no URL.");
  return config.url;
}

async function untilItWorks(work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      expect(error).toMatchObject(unavailable);
      await delay(50);
    }
  }
}

async function makeCertificate(folder: string, name: string): Promise<void> {
  const files = ["-keyout", join(folder, `${name}.key`), "-out", join(folder, `${name}.crt`)];
  const subject = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=IP:127.0.0.1"];
  await run("openssl", [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "2",
    ...subject,
    ...files,
  ]);
}

async function installCertificate(server: PostgresServer, certificates: string): Promise<void> {
  const data = join(server.folder, "data");
  const { uid, gid } = await stat(data);
  for (const kind of ["crt", "key"]) {
    const path = join(data, `server.${kind}`);
    await copyFile(join(certificates, `server.${kind}`), path);
    await chown(path, uid, gid);
  }
  await writeFile(join(data, "postgresql.auto.conf"), "ssl = on\n");
  await server.stop("fast");
  await server.start();
}
