import { rm } from "node:fs/promises";
import { connect } from "node:net";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { HxpError, isHxpError } from "@hxp/errors";
import { acquireLease, type Lease } from "@hxp/evidence/durable";
import type { DataPaths } from "../platform/data-folder.ts";
import { readServerRecord } from "./server-record.ts";

/** Makes this process the one server on a data folder. Throws PLATFORM_RUNNING with where the other one answers. */
export async function takeDataFolder(paths: DataPaths): Promise<Lease> {
  try {
    return acquireLease(paths.lease, { purpose: "hxp up" });
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
