import { createHash } from "node:crypto";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import { z } from "zod";
import type { Advisory } from "../advisory.ts";
import {
  bucketOf,
  type DatabaseManifest,
  digestBytes,
  digestOf,
  magic,
  manifestName,
  manifestSchema,
  recordBytes,
} from "./database-format.ts";

/** An imported database that is open for look-ups. */
export interface AdvisoryDatabase extends AsyncDisposable {
  manifest: DatabaseManifest;
  /** The advisories about packages, whatever their version. Throws ADVISORY_DATABASE_INVALID. */
  find(names: Iterable<string>): Promise<Map<string, readonly Advisory[]>>;
  /** Reads and checks every byte. Throws ADVISORY_DATABASE_INVALID. */
  verify(): Promise<void>;
}

/**
 * Opens the database in a folder; undefined when none was imported. Everything that is read is checked against the
 * manifest's digests. Throws ADVISORY_DATABASE_INVALID.
 */
export async function openAdvisoryDatabase(folder: string): Promise<AdvisoryDatabase | undefined> {
  const path = join(folder, manifestName);
  const text = await readText(path);
  if (text === undefined) return undefined;
  const manifest = parseManifest(text, path);
  const data = join(folder, manifest.file);
  const file = await open(data).catch((cause: unknown) => {
    throw invalid(`${data}, which ${manifestName} names, cannot be opened`, cause);
  });
  try {
    const table = await readTable(file, manifest, data);
    const readBucket = (index: number) => readChecked(file, { table, index, data });
    return {
      manifest,
      find: (names) => findAll(names, { buckets: manifest.buckets, readBucket }),
      verify: async () => {
        const whole = await readAt(file, { offset: 0, length: manifest.bytes, data });
        for (let index = 0; index < manifest.buckets; index += 1) {
          const { offset, length } = placeOf(table, index);
          checkBucket(whole.subarray(offset, offset + length), { table, index, data });
        }
      },
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

type Bucket = [string, Advisory[]][];

async function findAll(
  names: Iterable<string>,
  { buckets, readBucket }: { buckets: number; readBucket: (index: number) => Promise<Bucket> },
): Promise<Map<string, readonly Advisory[]>> {
  const wanted = new Map<number, Set<string>>();
  for (const name of names) {
    const index = bucketOf(name, buckets);
    wanted.set(index, (wanted.get(index) ?? new Set()).add(name));
  }
  const found = new Map<string, readonly Advisory[]>();
  for (const [index, among] of wanted) {
    // oxlint-disable-next-line no-await-in-loop -- a file is read faster in order than all at once
    for (const [name, advisories] of await readBucket(index)) if (among.has(name)) found.set(name, advisories);
  }
  return found;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw invalid(`${path} cannot be read`, cause);
  }
}

function parseManifest(text: string, path: string): DatabaseManifest {
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    const message = cause instanceof z.ZodError ? z.prettifyError(cause) : "it is not JSON";
    throw invalid(`${path} is not a manifest: ${message}`, cause);
  }
}

async function readTable(file: FileHandle, { buckets, bytes, table }: DatabaseManifest, data: string): Promise<Buffer> {
  const { size } = await file.stat();
  if (size !== bytes) throw invalid(`${data} has ${size} bytes, expected ${bytes}`);
  // The table cannot be larger than the file, whatever the manifest says.
  const length = Math.min(buckets * recordBytes, size);
  const start = await readAt(file, { offset: 0, length: magic.length + length, data });
  const read = start.subarray(magic.length);
  const found = digestOf(read);
  if (!start.subarray(0, magic.length).equals(magic) || found !== table) {
    throw invalid(`the table of ${data} has the digest ${found}, expected ${table}`);
  }
  return read;
}

async function readChecked(
  file: FileHandle,
  { table, index, data }: { table: Buffer; index: number; data: string },
): Promise<Bucket> {
  const body = await readAt(file, { ...placeOf(table, index), data });
  checkBucket(body, { table, index, data });
  return body.length === 0 ? [] : (JSON.parse(body.toString("utf8")) as Bucket);
}

function placeOf(table: Buffer, index: number): { offset: number; length: number } {
  const at = index * recordBytes;
  return { offset: table.readUIntBE(at, 6), length: table.readUInt32BE(at + 6) };
}

function checkBucket(body: Buffer, { table, index, data }: { table: Buffer; index: number; data: string }): void {
  const at = index * recordBytes;
  const digest = createHash("sha256").update(body).digest().subarray(0, digestBytes);
  if (digest.equals(table.subarray(at + 10, at + recordBytes))) return;
  const { offset, length } = placeOf(table, index);
  throw invalid(`the ${length} bytes of ${data} from byte ${offset} on are not those that were written`);
}

async function readAt(
  file: FileHandle,
  { offset, length, data }: { offset: number; length: number; data: string },
): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, offset);
  if (bytesRead !== length) throw invalid(`${data} ends at byte ${offset + bytesRead}, expected ${offset + length}`);
  return buffer;
}

function invalid(message: string, cause?: unknown): HxpError {
  return new HxpError("ADVISORY_DATABASE_INVALID", `The advisory database is not whole: ${message}.`, { cause });
}
