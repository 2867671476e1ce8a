import { execFile, spawn, type ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { chown, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { Client } from "pg";

const run = promisify(execFile);
const packages = "/usr/lib/postgresql";

/** A PostgreSQL server for a test: on loopback, in a folder that goes with it. */
export interface PostgresServer extends AsyncDisposable {
  /** A new, empty database. */
  createDatabase(): Promise<string>;
  /** The server's own process. */
  readonly pid: number;
  /** Folder of its unix socket, and of its data in `data`. */
  readonly folder: string;
  readonly port: number;
  /** Runs a statement in a database, as its superuser. */
  query(url: string, sql: string): Promise<readonly Record<string, unknown>[]>;
  /** Ends the server and waits: `fast` as an administrator does, or `kill` at once. */
  stop(how: "fast" | "kill"): Promise<void>;
  /** Starts it again, on the same port. */
  start(): Promise<void>;
}

/** The folder of the newest PostgreSQL's programs; undefined: none is installed. */
export const postgresPrograms: string | undefined = findPrograms();

if (postgresPrograms === undefined) {
  const missing = "PostgreSQL is not installed: its tests are SKIPPED. On Debian: apt-get install postgresql.";
  console.warn(`\n!!! ${missing}\n`);
}

/** Makes a cluster and starts it. PostgreSQL refuses to run as root: then it is the user `postgres` of Debian's packages. */
export async function startPostgres(): Promise<PostgresServer> {
  if (postgresPrograms === undefined) throw new Error("PostgreSQL is not installed.");
  const programs = postgresPrograms;
  const folder = await mkdtemp(join(tmpdir(), "hxp-postgres-"));
  const user = findUser();
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, "data");
  const asUser = { ...user, cwd: folder };
  await run(
    join(programs, "initdb"),
    ["-D", data, "-U", "hxp", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
    asUser,
  );
  // Everybody is trusted here but `guarded`, who needs a password.
  const access = join(data, "pg_hba.conf");
  await writeFile(access, `host all guarded 127.0.0.1/32 scram-sha-256\n${await readFile(access, "utf8")}`);
  const port = await findFreePort();
  const url = (database: string): string => `postgres://hxp@127.0.0.1:${port}/${database}`;
  // No test takes the power away: what a killed process wrote, the kernel has, and waiting for the disk proves nothing.
  const settings = ["listen_addresses=127.0.0.1", `port=${port}`, `unix_socket_directories=${folder}`, "fsync=off"];

  let server: ChildProcess | undefined;
  let databases = 0;
  const start = async (): Promise<void> => {
    const options = settings.flatMap((setting) => ["-c", setting]);
    server = spawn(join(programs, "postgres"), ["-D", data, ...options], { ...asUser, stdio: "ignore" });
    await untilItAnswers(url("postgres"), server);
  };
  const stop = async (how: "fast" | "kill"): Promise<void> => {
    const running = server;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill(how === "kill" ? "SIGKILL" : "SIGINT");
    await ended;
    // Its children notice by themselves that it is gone, and only then can it start again.
    if (how === "kill") await untilGone(join(data, "postmaster.pid"));
  };
  await start();
  return {
    folder,
    port,
    get pid() {
      return server?.pid ?? 0;
    },
    createDatabase: async () => {
      databases += 1;
      await queryOnce(url("postgres"), `CREATE DATABASE test_${databases}`);
      return url(`test_${databases}`);
    },
    query: queryOnce,
    start,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop("fast");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function queryOnce(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function untilItAnswers(url: string, server: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (server.exitCode !== null) throw new Error(`PostgreSQL ended with exit code ${server.exitCode}.`);
    try {
      await queryOnce(url, "SELECT 1");
      return;
    } catch {
      await delay(100);
    }
  }
  throw new Error("PostgreSQL did not answer within a minute.");
}

/** Waits until none of the server's processes uses its shared memory. */
async function untilGone(pidFile: string): Promise<void> {
  const key = existsSync(pidFile) ? readFileSync(pidFile, "utf8").split("\n")[6]?.trim().split(/\s+/)[1] : undefined;
  if (key === undefined) return;
  for (let tries = 0; tries < 300; tries += 1) {
    const segment = readFileSync("/proc/sysvipc/shm", "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .find((fields) => fields[1] === key);
    if (segment === undefined || segment[6] === "0") return;
    await delay(100);
  }
}

function findPrograms(): string | undefined {
  if (!existsSync(packages)) return undefined;
  const versions = readdirSync(packages)
    .map(Number)
    .filter((version) => version >= 15)
    .toSorted((one, other) => other - one);
  return versions
    .map((version) => join(packages, String(version), "bin"))
    .find((folder) => existsSync(join(folder, "initdb")));
}

function findUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((each) => each.startsWith("postgres:"));
  const [, , uid, gid] = line?.split(":") ?? [];
  if (uid === undefined || gid === undefined) throw new Error("PostgreSQL's user postgres does not exist.");
  return { uid: Number(uid), gid: Number(gid) };
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
