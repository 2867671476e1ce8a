import { isHxpError } from "@hxp/errors";
import { createPepper } from "@hxp/gateway";
import type { KeyStore } from "@hxp/schema-storage";
import { addKey } from "../keys/change-keys.ts";
import { currentUser } from "../keys/current-user.ts";

/** What {@link makeFirstKey} takes. */
export interface FirstKeyOptions {
  readonly store: KeyStore;
  readonly auditLog: string;
  readonly pepper: string;
  readonly now: number;
}

/**
 * Makes a key where there is none yet, so that a new server can be used at once; it is no admin. Undefined where there are
 * keys, and where the storage does not answer: a server starts without it.
 */
export async function makeFirstKey({ store, auditLog, pepper, now }: FirstKeyOptions): Promise<string | undefined> {
  if (await hasKeys(store)) return undefined;
  const request = { name: "first", owner: currentUser() };
  const { key } = await addKey(request, { store, auditLog, now, pepper: createPepper(pepper) });
  return key;
}

async function hasKeys(store: KeyStore): Promise<boolean> {
  try {
    return (await store.list({ limit: 1 })).length > 0;
  } catch (error) {
    if (isHxpError(error, "STORAGE_UNAVAILABLE")) return true;
    throw error;
  }
}
