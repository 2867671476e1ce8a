import { createHash } from "node:crypto";
import { z } from "zod";

/** Name of the manifest in the folder of databases; it names the file with the entries. */
export const manifestName = "osv-npm.json";

/**
 * The file of a database: {@link magic}, then one record for each bucket, then the buckets. A record is the bucket's
 * offset in the file (6 bytes), its length (4) and the first 16 bytes of its SHA-256. A bucket is a JSON array of
 * `[package name, advisories]`. The bucket of a name is told by the SHA-256 of the name, so that a look-up reads and
 * checks some hundred bytes, whatever the size of the whole.
 */
export const magic = Buffer.from("HXPOSV1\n");

/** Bytes of a record in the table. */
export const recordBytes = 26;

/** Bytes of a digest in a record. */
export const digestBytes = 16;

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const count = z.int().min(0);
const time = z.iso.datetime();

/** What an imported database is, and where it comes from. */
export const manifestSchema = z.strictObject({
  format: z.literal(1),
  /** What was imported: a file's or folder's name, or a URL without query. */
  source: z.string(),
  /** Digest of what was imported. */
  digest,
  importedAt: time,
  /** The newest `modified` of all entries. */
  modified: time,
  /** Entries about npm packages that are in force. */
  entries: count,
  /** Entries that were withdrawn, which are left out. */
  withdrawn: count,
  /** Entries about other ecosystems, which are left out. */
  others: count,
  /** Packages that there are advisories about. */
  packages: count,
  file: z.string().regex(/^osv-npm-[0-9a-f]{16}\.db$/),
  bytes: count,
  buckets: z.int().min(1),
  /** Digest of the file's table, which holds the digests of all buckets. */
  table: digest,
});

/** {@link manifestSchema}. */
export type DatabaseManifest = z.output<typeof manifestSchema>;

/** The bucket that a package's advisories are in. */
export function bucketOf(name: string, buckets: number): number {
  return createHash("sha256").update(name).digest().readUInt32BE(0) % buckets;
}

/** `sha256:<hex>` of bytes. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
