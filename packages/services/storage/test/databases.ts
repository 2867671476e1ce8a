import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { type Place, readStorageConfig } from "./examples.ts";
import { postgresPrograms, type PostgresServer, startPostgres } from "./postgres-server.ts";

/** New databases of one kind, for a group of tests. */
export interface Databases {
  readonly kind: "embedded" | "PostgreSQL";
  /** A config that leads to a new, empty database, and the folder that it is opened with. */
  create(): Promise<Place>;
  /** The server, for the kind that has one. */
  readonly server: PostgresServer;
}

// One server for all groups of a file: to make one takes longer than most tests. This module is loaded by the file, so
// the hook is the file's own.
let starting: Promise<PostgresServer> | undefined;
afterAll(async () => {
  await (await starting)?.[Symbol.asyncDispose]();
});

/** The same tests over both databases. Where PostgreSQL is not installed, its half is skipped. */
export function describeBoth(title: string, tests: (databases: Databases) => void): void {
  describeEmbedded(`${title}, embedded`, tests);
  describePostgres(`${title}, on PostgreSQL`, tests);
}

/** Tests over embedded databases. */
export function describeEmbedded(title: string, tests: (databases: Databases) => void): void {
  // oxlint-disable-next-line vitest/valid-title -- its callers give it one
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
  // oxlint-disable-next-line vitest/valid-title -- its callers give it one
  describe.skipIf(postgresPrograms === undefined)(title, () => {
    let server: PostgresServer | undefined;
    const running = (): PostgresServer => {
      if (server === undefined) throw new Error("PostgreSQL is not started yet.");
      return server;
    };
    beforeAll(async () => {
      starting ??= startPostgres();
      server = await starting;
    });
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
