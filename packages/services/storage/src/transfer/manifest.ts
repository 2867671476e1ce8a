import { z } from "@hxp/config";

const table = z.strictObject({
  rows: z.int().min(0),
  /** SHA-256 of the file, in hexadecimal. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** `manifest.json` of an export: the last file that is written, so an export without one is not whole. */
export const exportManifest = z.strictObject({
  format: z.literal("hxp-storage-export/1"),
  /** Version of the storage's schema. */
  schemaVersion: z.int().min(3),
  exportedAt: z.iso.datetime({ offset: false }),
  /** The last revision that a key got. */
  keyRevision: z.int().min(0),
  tables: z.strictObject({ keys: table, usage: table, sums: table }),
});

/** What an export holds: for each table how many rows, and the digest of their lines. */
export type ExportManifest = z.output<typeof exportManifest>;
