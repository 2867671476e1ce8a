import { rm } from "node:fs/promises";
import { connect } from "node:net";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { HxpError, isHxpError, toHxpError } from "@hxp/errors";
import { acquireLease, type Lease } from "@hxp/evidence/durable";
import type { DataPaths } from "../platform/data-folder.ts";
import { readServerRecord } from "./server-record.ts";

/** Of a process that cannot be asked, in another container or before a power cut, nobody waits longer than this. */
const leaseMs = 60_000;

/**
 * Makes this process the one server on a data folder, until the lease is given back. `onLost` is called when another took it
 * because this process stood still for so long that it was taken for dead. Throws PLATFORM_RUNNING with where the other one answers.
 */
export async function takeDataFolder(
  paths: DataPaths,
  onLost: (error: HxpError) => void = () => {},
): Promise<Disposable> {
  const lease = await acquire(paths);
  const timer = setInterval(() => {
    try {
      lease.renew();
    } catch (error) {
      clearInterval(timer);
      onLost(toHxpError(error));
    }
  }, leaseMs / 4).unref();
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      lease.release();
    },
  };
}

async function acquire(paths: DataPaths): Promise<Lease> {
  try {
    return acquireLease(paths.lease, { purpose: "hxp up", ttlMs: leaseMs });
  } catch (error) {
    if (!isHxpError(error, "LEASE_HELD")) throw error;
    const holder = error.details["holder"] as { pid?: number } | undefined;
    const record = await readServerRecord(paths.serverRecord);
    const where = record !== undefined && record.pid === holder?.pid ? ` and answers at ${record.url}` : "";
    const message = `A server runs on ${paths.data} already: process ${holder?.pid ?? "unknown"}${where}`;
    throw new HxpError("PLATFORM_RUNNING", message, { details: { data: paths.data, pid: holder?.pid } });
  }
}

const patienceMs = 10_000;

/**
 * Removes a socket that a model's process left behind. One that still answers belongs to a process whose server was just
 * killed: it ends in a moment, which is waited for.
 */
export async function clearSocket(path: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (await answers(path)) {
    if (Date.now() > deadline) {
      throw new HxpError("LISTEN_ADDRESS_IN_USE", `Another process listens on the socket ${path}`);
    }
    await sleep(50, undefined, { signal });
  }
  await rm(path, { force: true });
}

async function answers(path: string): Promise<boolean> {
  const client = connect({ path });
  try {
    await once(client, "connect");
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return code !== "ENOENT" && code !== "ECONNREFUSED";
  } finally {
    client.destroy();
  }
}
