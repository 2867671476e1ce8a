import { readFile, rm } from "node:fs/promises";
import { z } from "@hxp/config";
import { writeFileDurably } from "@hxp/evidence/durable";

const serverRecord = z.object({
  pid: z.int(),
  version: z.string(),
  startedAt: z.string(),
  /** Where it answers, such as `http://127.0.0.1:8000`. */
  url: z.string(),
  /** Where it is asked how it is. */
  probe: z.string(),
  models: z.array(z.object({ name: z.string(), socket: z.string() })),
});

/** What a running server says of itself in `run/server.json`. */
export type ServerRecord = z.output<typeof serverRecord>;

/** Leaves the record for `hxp status` and others on the same data folder. */
export function writeServerRecord(path: string, record: ServerRecord): void {
  writeFileDurably(path, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
}

/** The record of the server that runs, or ran until it was killed; undefined where there is none. */
export async function readServerRecord(path: string): Promise<ServerRecord | undefined> {
  try {
    return serverRecord.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return undefined;
  }
}

/** Takes the record away. */
export async function removeServerRecord(path: string): Promise<void> {
  await rm(path, { force: true });
}
