import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, vi } from "vitest";

const run = promisify(execFile);

const programs = findPrograms();

/** Whether tests over PostgreSQL must be skipped here. */
export const postgresIsMissing = programs === undefined;

if (postgresIsMissing) {
  console.warn("\n!!! PostgreSQL is not installed: its tests are SKIPPED. On Debian: apt-get install postgresql.\n");
}

/** A PostgreSQL server on loopback with one empty database; gone after the test. Tests that run side by side pass their own. */
export async function startPostgres(onFinished = onTestFinished): Promise<{ url: string }> {
  const folder = mkdtempSync(join(tmpdir(), "hxp-postgres-"));
  const user = findUser();
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const asUser = { ...user, cwd: folder };
  const data = join(folder, "data");
  const program = (name: string): string => join(programs ?? "", name);
  await run(
    program("initdb"),
    ["-D", data, "-U", "hxp", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"],
    asUser,
  );
  const port = await findFreePort();
  const settings = ["listen_addresses=127.0.0.1", `port=${port}`, `unix_socket_directories=${folder}`, "fsync=off"];
  const options = settings.flatMap((setting) => ["-c", setting]);
  const server = spawn(program("postgres"), ["-D", data, ...options], { ...asUser, stdio: "ignore" });
  const ended = once(server, "exit");
  onFinished(async () => {
    server.kill("SIGINT");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  const client = ["-h", "127.0.0.1", "-p", String(port), "-U", "hxp"];
  await vi.waitFor(() => run(program("createdb"), [...client, "hxp"], asUser), { timeout: 50_000, interval: 200 });
  expect(server.exitCode).toBeNull();
  return { url: `postgres://hxp@127.0.0.1:${port}/hxp` };
}

function findPrograms(): string | undefined {
  const packages = "/usr/lib/postgresql";
  if (!existsSync(packages)) return undefined;
  const versions = readdirSync(packages)
    .map(Number)
    .filter((version) => version >= 15);
  const newest = versions.toSorted((one, other) => other - one)[0];
  return newest === undefined ? undefined : join(packages, String(newest), "bin");
}

/** PostgreSQL refuses to run as root: then it is the user of Debian's packages. */
function findUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((each) => each.startsWith("postgres:"));
  const [, , uid, gid] = line?.split(":") ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}
