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

/** Makes a key where there is none yet, so that a new server can be used at once; undefined where there are keys. It is no admin. */
export async function makeFirstKey({ store, auditLog, pepper, now }: FirstKeyOptions): Promise<string | undefined> {
  if ((await store.list({ limit: 1 })).length > 0) return undefined;
  const request = { name: "first", owner: currentUser() };
  const { key } = await addKey(request, { store, auditLog, now, pepper: createPepper(pepper) });
  return key;
}
