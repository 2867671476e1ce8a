import { HxpError } from "@hxp/errors";
import { createKey, type KeyRequest, type Pepper, revokeKey, rotateKey } from "@hxp/gateway";
import type { KeyRecord, KeyStore } from "@hxp/schema-storage";
import { recordAct } from "./record-act.ts";

/** A key's secret, which nobody sees again, and its record. */
export interface MadeKey {
  readonly key: string;
  readonly record: KeyRecord;
}

/** What the functions that change keys take beside the key. */
export interface KeyChange {
  readonly store: KeyStore;
  /** File of the operator's audit log. */
  readonly auditLog: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Makes a key and stores it. */
export async function addKey(
  request: KeyRequest,
  { store, auditLog, now, pepper }: KeyChange & { readonly pepper: Pepper },
): Promise<MadeKey> {
  const { key, record } = createKey(request, { pepper, clock: () => now });
  const { id, name, owner, admin } = record;
  const act = { event: "key.created", target: id, details: { name, owner, admin } };
  return { key, record: await recordAct(auditLog, act, () => store.insert(record)) };
}

/** Gives a key a new secret; the old one is taken for `overlapMs` more. Throws KEY_UNKNOWN. */
export async function renewKey(
  id: string,
  { store, auditLog, now, pepper, overlapMs }: KeyChange & { readonly pepper: Pepper; readonly overlapMs: number },
): Promise<MadeKey> {
  const { key, record } = rotateKey(await findKey(store, id), { pepper, clock: () => now, overlapMs });
  const act = { event: "key.rotated", target: record.id, details: { name: record.name, overlapMs } };
  return { key, record: await recordAct(auditLog, act, () => store.replace(record)) };
}

/** Revokes a key for good; one that is revoked stays as it is. Throws KEY_UNKNOWN. */
export async function withdrawKey(id: string, { store, auditLog, now }: KeyChange): Promise<KeyRecord> {
  const found = await findKey(store, id);
  if (found.revokedAt !== undefined) return found;
  const act = { event: "key.revoked", target: found.id, details: { name: found.name } };
  return recordAct(auditLog, act, () => store.replace(revokeKey(found, { clock: () => now })));
}

/** All keys, read page by page; the oldest comes first. */
export async function listKeys(store: KeyStore): Promise<readonly KeyRecord[]> {
  const keys: KeyRecord[] = [];
  const limit = 500;
  for (;;) {
    const page = await store.list({ after: keys.at(-1)?.id, limit });
    keys.push(...page);
    if (page.length < limit) return keys.toSorted((one, other) => one.createdAt.localeCompare(other.createdAt));
  }
}

async function findKey(store: KeyStore, text: string): Promise<KeyRecord> {
  // Whoever has the whole key at hand may pass it, but its secret must get into no message.
  const id = /^(?:hxp_)?([0-9a-z]{16})(?:_|$)/.exec(text)?.[1];
  const found = id === undefined ? undefined : await store.get(id);
  if (found !== undefined) return found;
  throw new HxpError("KEY_UNKNOWN", id === undefined ? "That is no id of a key" : `There is no key with the id ${id}`);
}
