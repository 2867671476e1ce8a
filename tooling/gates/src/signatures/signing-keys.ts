import { createPublicKey, type KeyObject } from "node:crypto";
import type { RegistrySigningKey } from "../gate.ts";
import type { SignaturesPolicy } from "../policy/signatures-policy.ts";

/** A key of a registry, ready to verify with. */
export interface SigningKey {
  key: KeyObject;
  /** Milliseconds since 1970; undefined while it is in use. */
  expires: number | undefined;
}

/** Keys by their id. */
export type SigningKeys = ReadonlyMap<string, SigningKey>;

/**
 * The keys to verify with: those of the policy alone where it pins any, else those that the registry serves. What is no
 * ECDSA P-256 key is left out.
 */
export function readSigningKeys(policy: SignaturesPolicy, served: readonly RegistrySigningKey[]): SigningKeys {
  const keys = policy.keys.length > 0 ? policy.keys : served;
  return new Map(
    keys.flatMap(({ keyid, key, expires }): [string, SigningKey][] => {
      const parsed = parseSigningKey(key);
      return parsed === undefined ? [] : [[keyid, { key: parsed, expires: parseTime(expires) }]];
    }),
  );
}

/** Reads an ECDSA P-256 key from DER in base64; undefined for anything else. */
export function parseSigningKey(base64: string): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(base64, "base64"), format: "der", type: "spki" });
    return key.asymmetricKeyDetails?.namedCurve === "prime256v1" ? key : undefined;
  } catch {
    return undefined;
  }
}

function parseTime(expires: string | null): number | undefined {
  return expires === null ? undefined : Date.parse(expires);
}
