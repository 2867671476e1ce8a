import { timingSafeEqual } from "node:crypto";
import type { KeyRecord } from "@hxp/schema-storage";

/** A key as it is held in memory: hashes as bytes, times as numbers. */
export interface KeyEntry {
  readonly record: KeyRecord;
  readonly hash: Buffer;
  readonly previousHash: Buffer | undefined;
  /** Milliseconds since 1970. */
  readonly previousUntil: number;
  readonly expiresAt: number;
}

/** Why a key is not taken. */
export type KeyFault = "unknown" | "wrong-secret" | "revoked" | "expired";

const nobody: KeyRecord = {
  id: "0000000000000000",
  hash: "0".repeat(64),
  name: "nobody",
  owner: "nobody",
  admin: false,
  priority: "default",
  limits: {},
  createdAt: new Date(0).toISOString(),
  revision: 1,
};
const nobodyEntry = toKeyEntry(nobody);

/** Makes the entry of a record. */
export function toKeyEntry(record: KeyRecord): KeyEntry {
  const { hash, previousHash, previousUntil, expiresAt } = record;
  return {
    record,
    hash: Buffer.from(hash, "hex"),
    previousHash: previousHash === undefined ? undefined : Buffer.from(previousHash, "hex"),
    previousUntil: previousUntil === undefined ? 0 : Date.parse(previousUntil),
    expiresAt: expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiresAt),
  };
}

/**
 * Checks the hash of a presented secret against a key; undefined when it is taken. A key that does not exist costs the same
 * comparisons as one that does.
 */
export function verifyKey(entry: KeyEntry | undefined, hash: Buffer, now: number): KeyFault | undefined {
  const known = entry ?? nobodyEntry;
  const isCurrent = timingSafeEqual(known.hash, hash);
  const isPrevious = timingSafeEqual(known.previousHash ?? nobodyEntry.hash, hash);
  if (entry === undefined) return "unknown";
  const isTaken = isCurrent || (isPrevious && entry.previousHash !== undefined && now < entry.previousUntil);
  if (!isTaken) return "wrong-secret";
  if (entry.record.revokedAt !== undefined) return "revoked";
  return now < entry.expiresAt ? undefined : "expired";
}
