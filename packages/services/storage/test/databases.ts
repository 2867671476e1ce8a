import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig, requireConfig } from "@hxp/config";
import { type KeyRecord, type StorageConfig, storageSchema, type UsageRecord } from "@hxp/schema-storage";
import { type Database, openDatabase } from "@hxp/storage";
import { afterAll, beforeAll, describe } from "vitest";
import { postgresPrograms, type PostgresServer, startPostgres } from "./postgres-server.ts";

/** New databases of one kind, for a group of tests. */
export interface Databases {
  readonly kind: "embedded" | "PostgreSQL";
  /** A config that leads to a new, empty database, and the folder that it is opened with. */
  create(): Promise<Place>;
  /** The server, for the kind that has one. */
  readonly server: PostgresServer;
}

/** Where a database is. */
export interface Place {
  readonly config: StorageConfig;
  readonly folder: string;
}

/** The same tests over both databases. Where PostgreSQL is not installed, its half is skipped. */
export function describeBoth(title: string, tests: (databases: Databases) => void): void {
  describeEmbedded(`${title}, embedded`, tests);
  describePostgres(`${title}, on PostgreSQL`, tests);
}

/** Tests over embedded databases. */
export function describeEmbedded(title: string, tests: (databases: Databases) => void): void {
  describe(title, () => {
    let root = "";
    let count = 0;
    beforeAll(async () => {
      root = await mkdtemp(join(tmpdir(), "hxp-storage-"));
    });
    afterAll(() => rm(root, { recursive: true }));
    tests({
      kind: "embedded",
      create: async () => {
        count += 1;
        return { config: readStorageConfig(), folder: join(root, String(count)) };
      },
      get server(): PostgresServer {
        throw new Error("The embedded database has no server.");
      },
    });
  });
}

/** Tests over PostgreSQL. */
export function describePostgres(title: string, tests: (databases: Databases) => void): void {
  describe.skipIf(postgresPrograms === undefined)(title, () => {
    let server: PostgresServer | undefined;
    const running = (): PostgresServer => {
      if (server === undefined) throw new Error("PostgreSQL is not started yet.");
      return server;
    };
    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(() => server?.[Symbol.asyncDispose]());
    tests({
      kind: "PostgreSQL",
      create: async () => ({
        config: readStorageConfig({ url: await running().createDatabase() }),
        folder: "/nonexistent",
      }),
      get server() {
        return running();
      },
    });
  });
}

/** A storage's config with its defaults. */
export function readStorageConfig(written: object = {}): StorageConfig {
  const file = { layer: "file", file: "storage.json", content: JSON.stringify(written) } as const;
  return requireConfig(parseConfig(storageSchema, { files: [file] }));
}

/** Opens the database of a place. */
export function openPlace({ config, folder }: Place): Promise<Database> {
  return openDatabase(config, { folder });
}

/** A key for a test. */
export function exampleKey(number: number, change: Partial<KeyRecord> = {}): Omit<KeyRecord, "revision"> {
  return {
    id: String(number).padStart(16, "0"),
    hash: "a".repeat(64),
    name: `key ${number}`,
    owner: "ada",
    admin: false,
    priority: "default",
    limits: {},
    createdAt: "2026-01-02T03:04:05.678Z",
    ...change,
  };
}

/** A record of usage for a test. */
export function exampleUsage(id: string, change: Partial<UsageRecord> = {}): UsageRecord {
  return {
    id,
    at: "2026-03-04T05:06:07.890Z",
    key: "0000000000000001",
    owner: "ada",
    model: "guide",
    endpoint: "chat",
    promptTokens: 10,
    cachedTokens: 2,
    completionTokens: 5,
    countedBy: "engine",
    cost: 0.1,
    outcome: "completed",
    durationMs: 12.5,
    ...change,
  };
}
