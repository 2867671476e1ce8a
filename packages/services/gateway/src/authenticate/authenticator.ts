import { HxpError } from "@hxp/errors";
import type { KeyRecord } from "@hxp/schema-storage";
import { hashSecret, type Pepper } from "./hash-secret.ts";
import type { KeyCache } from "./key-cache.ts";
import { parseAuthorization } from "./parse-key.ts";
import { type KeyEntry, type KeyFault, verifyKey } from "./verify-key.ts";

/** Why a request is denied. */
export type DenialReason = KeyFault | "missing" | "malformed" | "scope" | "admin";

/** What {@link createAuthenticator} takes. */
export interface AuthenticatorOptions {
  readonly keys: Pick<KeyCache, "find">;
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
    const hash = hashSecret(pepper, parsed.secret);
    const check = (entry: KeyEntry | undefined): KeyRecord => {
      const fault = verifyKey(entry, hash, clock());
      if (fault !== undefined) throw denied(fault, entry?.record.id);
      // Without an entry there was a fault.
      return (entry as KeyEntry).record;
    };
    const found = keys.find(parsed.id);
    return found instanceof Promise ? found.then(check) : check(found);
  };
}

const messages: Partial<Record<DenialReason, string>> = {
  missing: "No API key was sent. Send one as `authorization: Bearer hxp_…`.",
};

/** The answer is the same for every invalid key: it does not tell which ids exist. */
function denied(reason: DenialReason, keyId?: string): HxpError {
  const message = messages[reason] ?? "The API key is not valid.";
  return new HxpError("API_KEY_INVALID", message, { details: { reason, keyId } });
}
