import { HxpError } from "@hxp/errors";
import type { KeyRecord } from "@hxp/schema-storage";
import { hashSecret, type Pepper } from "./hash-secret.ts";
import type { KeyCache } from "./key-cache.ts";
import { parseAuthorization } from "./parse-key.ts";
import { type KeyEntry, type KeyFault, verifyKey } from "./verify-key.ts";

/** Why a request is denied. */
type DenialReason = KeyFault | "missing" | "malformed" | "scope" | "admin";

/** What {@link createAuthenticator} takes. */
export interface AuthenticatorOptions {
  readonly keys: Pick<KeyCache, "find" | "findAnew">;
  readonly pepper: Pepper;
  readonly clock?: (() => number) | undefined;
}

/**
 * Finds whose request it is, by its `authorization` header: at once where the key is in memory. Throws API_KEY_INVALID with
 * `details.reason`, and STORAGE_UNAVAILABLE when nobody can say.
 */
export type Authenticate = (authorization: string | undefined) => KeyRecord | Promise<KeyRecord>;

/** Makes the function that authenticates requests. */
export function createAuthenticator({ keys, pepper, clock = Date.now }: AuthenticatorOptions): Authenticate {
  return (authorization) => {
    if (authorization === undefined) throw denied("missing");
    const parsed = parseAuthorization(authorization);
    if (parsed === undefined) throw denied("malformed");
    const { id } = parsed;
    const hash = hashSecret(pepper, parsed.secret);
    const check = (entry: KeyEntry | undefined, isNew: boolean): KeyRecord | Promise<KeyRecord> => {
      const fault = verifyKey(entry, hash, clock());
      if (fault === undefined && entry !== undefined) return entry.record;
      // The secret may be the one that another node has just given the key.
      if (fault === "wrong-secret" && !isNew) return keys.findAnew(id).then((found) => check(found, true));
      throw denied(fault ?? "unknown", entry?.record.id);
    };
    const found = keys.find(id);
    return found instanceof Promise ? found.then((entry) => check(entry, true)) : check(found, false);
  };
}

const messages: Partial<Record<DenialReason, string>> = {
  missing: "No API key was sent. The header `authorization` takes one, by the scheme Bearer.",
};

/** The answer is the same for every invalid key: it does not tell which ids exist. */
function denied(reason: DenialReason, keyId?: string): HxpError {
  const message = messages[reason] ?? "The API key is not valid.";
  return new HxpError("API_KEY_INVALID", message, {
    details: { reason, keyId, headers: { "www-authenticate": "Bearer" } },
  });
}
