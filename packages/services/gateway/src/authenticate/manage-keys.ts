import { randomBytes } from "node:crypto";
import { HxpError } from "@hxp/errors";
import type { KeyRecord } from "@hxp/schema-storage";
import { hashSecret, type Pepper } from "./hash-secret.ts";
import { parseKey } from "./parse-key.ts";

/** A key that has no revision yet: the store gives it one. */
export type NewKey = Omit<KeyRecord, "revision">;

/** What a key is made with. */
export interface KeyRequest {
  readonly name: string;
  readonly owner: string;
  readonly team?: string | undefined;
  /** Default false. */
  readonly admin?: boolean | undefined;
  /** Default all. */
  readonly models?: readonly string[] | undefined;
  /** Default all. */
  readonly endpoints?: KeyRecord["endpoints"];
  /** Default `default`. */
  readonly priority?: KeyRecord["priority"] | undefined;
  /** Default none of its own. */
  readonly limits?: KeyRecord["limits"] | undefined;
  /** ISO 8601 in UTC; default never. */
  readonly expiresAt?: string | undefined;
}

/** What the functions on keys take beside the key. */
export interface KeyMaking {
  readonly pepper: Pepper;
  /** Milliseconds since 1970; default Date.now. */
  readonly clock?: (() => number) | undefined;
  /** The key itself, where it is given; default a new one. */
  readonly key?: string | undefined;
}

const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";

/** Makes a new API key `hxp_<id>_<secret>`, with 256 bits of randomness in its secret. */
export function makeKey(id: string = makeId()): string {
  return `hxp_${id}_${randomBytes(32).toString("base64url")}`;
}

/**
 * Makes a key and its record. The key is shown once: the record has only its hash.
 * Throws USAGE_INVALID when a given key has another form.
 */
export function createKey(request: KeyRequest, making: KeyMaking): { readonly key: string; readonly record: NewKey } {
  const { pepper, clock = Date.now, key = makeKey() } = making;
  const { id, secret } = requireParsed(key);
  const { name, owner, team, admin = false, models, endpoints, priority = "default", limits = {}, expiresAt } = request;
  const record = {
    id,
    hash: hashSecret(pepper, secret).toString("hex"),
    name,
    owner,
    ...(team === undefined ? {} : { team }),
    admin,
    ...(models === undefined ? {} : { models: [...models] }),
    ...(endpoints === undefined ? {} : { endpoints }),
    priority,
    limits,
    createdAt: new Date(clock()).toISOString(),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
  return { key, record };
}

/**
 * Gives a key a new secret. The old one is taken for `overlapMs` more, and one that was replaced before it no longer.
 * Throws STORAGE_CONFLICT for a revoked key.
 */
export function rotateKey(
  record: KeyRecord,
  { pepper, clock = Date.now, overlapMs }: KeyMaking & { readonly overlapMs: number },
): { readonly key: string; readonly record: KeyRecord } {
  if (record.revokedAt !== undefined) {
    throw new HxpError("STORAGE_CONFLICT", `The key ${record.id} is revoked, so it cannot be rotated.`);
  }
  const key = makeKey(record.id);
  const { previousHash: _hash, previousUntil: _until, ...rest } = record;
  const previous =
    overlapMs > 0 ? { previousHash: record.hash, previousUntil: new Date(clock() + overlapMs).toISOString() } : {};
  const hash = hashSecret(pepper, requireParsed(key).secret).toString("hex");
  return { key, record: { ...rest, hash, ...previous } };
}

/** Revokes a key, for good. One that is revoked already stays as it is. */
export function revokeKey(record: KeyRecord, { clock = Date.now }: { clock?: () => number } = {}): KeyRecord {
  return record.revokedAt === undefined ? { ...record, revokedAt: new Date(clock()).toISOString() } : record;
}

function requireParsed(key: string): { id: string; secret: string } {
  const parsed = parseKey(key);
  if (parsed !== undefined) return parsed;
  throw new HxpError("USAGE_INVALID", "An API key has another form, expected hxp_<16 of 0-9a-z>_<43 of base64url>.");
}

function makeId(): string {
  let id = "";
  while (id.length < 16) {
    for (const byte of randomBytes(16)) {
      // 252 is the largest multiple of 36 in a byte: above it, some characters would be likelier than others.
      if (byte < 252 && id.length < 16) id += alphabet[byte % 36];
    }
  }
  return id;
}
