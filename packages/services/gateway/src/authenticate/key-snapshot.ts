import { createHmac, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { z } from "@hxp/config";
import { HxpError } from "@hxp/errors";
import { keyRecord, type KeyRecord } from "@hxp/schema-storage";
import { writeAtomically } from "../files/write-atomically.ts";
import type { Pepper } from "./hash-secret.ts";

/** The keys as the storage last told them. */
export interface KeySnapshot {
  /** Milliseconds since 1970; when the storage was last read. */
  readonly readAt: number;
  readonly revision: number;
  readonly keys: readonly KeyRecord[];
}

const content = z.strictObject({
  version: z.literal(1),
  readAt: z.number(),
  revision: z.int().min(0),
  keys: z.array(keyRecord),
});

/** Writes the keys to a file that only who has the pepper can write: HMAC-SHA-256 in the first line, then JSON. */
export async function writeKeySnapshot(path: string, snapshot: KeySnapshot, pepper: Pepper): Promise<void> {
  const json = JSON.stringify({ version: 1, ...snapshot });
  await writeAtomically(path, `${sign(pepper, json).toString("hex")}\n${json}\n`);
}

/**
 * Reads what {@link writeKeySnapshot} wrote; undefined when there is no file. Throws KEY_SNAPSHOT_INVALID when the file was changed or made under
 * another pepper.
 */
export async function readKeySnapshot(path: string, pepper: Pepper): Promise<KeySnapshot | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  const [signature = "", json = ""] = text.split("\n");
  const found = Buffer.from(signature, "hex");
  const expected = sign(pepper, json);
  if (found.length !== expected.length || !timingSafeEqual(found, expected)) {
    throw new HxpError("KEY_SNAPSHOT_INVALID", `The snapshot ${path} was not written by a server with this pepper.`);
  }
  return content.parse(JSON.parse(json));
}

function sign(pepper: Pepper, json: string): Buffer {
  return createHmac("sha256", pepper).update("hxp key snapshot 1\n").update(json).digest();
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
