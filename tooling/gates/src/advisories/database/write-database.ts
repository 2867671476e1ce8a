import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder, writeFileDurably } from "@hxp/evidence/durable";
import type { Advisory } from "../advisory.ts";
import {
  bucketOf,
  type DatabaseManifest,
  digestBytes,
  digestOf,
  magic,
  manifestName,
  recordBytes,
} from "./database-format.ts";

/** What is written: advisories by package, and where they come from. */
export type DatabaseContent = Omit<DatabaseManifest, "format" | "packages" | "file" | "bytes" | "buckets" | "table"> & {
  advisories: ReadonlyMap<string, readonly Advisory[]>;
};

const namesInBucket = 4;
const maximumBuckets = 2 ** 17;

/**
 * Writes a database into a folder and makes it the one that counts: the manifest, which names the file, is put in its
 * place last and in one step. Killed anywhere, the old one is still there.
 */
export async function writeDatabase(folder: string, content: DatabaseContent): Promise<DatabaseManifest> {
  const { advisories, ...facts } = content;
  await mkdir(folder, { recursive: true });
  const buckets = Math.min(maximumBuckets, Math.max(1, Math.ceil(advisories.size / namesInBucket)));
  const { table, bodies } = renderBuckets(advisories, buckets);
  const whole = createHash("sha256").update(table);
  for (const body of bodies) whole.update(body);
  const file = `osv-npm-${whole.digest("hex").slice(0, 16)}.db`;
  const bytes = await writeParts(join(folder, file), [magic, table, ...bodies]);
  syncFolder(folder);
  const manifest: DatabaseManifest = {
    format: 1,
    ...facts,
    packages: advisories.size,
    file,
    bytes,
    buckets,
    table: digestOf(table),
  };
  writeFileDurably(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
  await removeOthers(folder, file);
  return manifest;
}

function renderBuckets(
  advisories: DatabaseContent["advisories"],
  buckets: number,
): { table: Buffer; bodies: Buffer[] } {
  const contents: [string, readonly Advisory[]][][] = Array.from({ length: buckets }, () => []);
  for (const entry of advisories) contents[bucketOf(entry[0], buckets)]?.push(entry);
  const bodies = contents.map((entries) =>
    Buffer.from(entries.length === 0 ? "" : JSON.stringify(sortByName(entries))),
  );
  const table = Buffer.alloc(buckets * recordBytes);
  let offset = magic.length + table.length;
  for (const [index, body] of bodies.entries()) {
    const at = index * recordBytes;
    table.writeUIntBE(offset, at, 6);
    table.writeUInt32BE(body.length, at + 6);
    createHash("sha256")
      .update(body)
      .digest()
      .copy(table, at + 10, 0, digestBytes);
    offset += body.length;
  }
  return { table, bodies };
}

function sortByName(entries: [string, readonly Advisory[]][]): [string, readonly Advisory[]][] {
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

async function writeParts(path: string, parts: readonly Buffer[]): Promise<number> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await using file = await open(temporary, "wx");
    let bytes = 0;
    // Some megabytes at a time: a hundred thousand small writes take their time.
    for (const chunk of gather(parts, 2 ** 22)) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await file.writeFile(chunk);
      bytes += chunk.length;
    }
    await file.sync();
    await rename(temporary, path);
    return bytes;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function* gather(parts: readonly Buffer[], size: number): Generator<Buffer> {
  let [waiting, length]: [Buffer[], number] = [[], 0];
  for (const part of parts) {
    waiting.push(part);
    length += part.length;
    if (length < size) continue;
    yield Buffer.concat(waiting);
    [waiting, length] = [[], 0];
  }
  yield Buffer.concat(waiting);
}

/** The databases before, and what killed imports left. */
async function removeOthers(folder: string, file: string): Promise<void> {
  const left = (await readdir(folder)).filter(
    (name) => /^osv-npm[-.]/.test(name) && ![file, manifestName].includes(name),
  );
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true })));
}
