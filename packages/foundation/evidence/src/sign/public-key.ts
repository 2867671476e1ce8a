import { createHash, createPublicKey, KeyObject } from "node:crypto";
import { HxpError } from "@hxp/errors";

/** A public key and the names that it goes by. */
export interface PublicKeyIdentity {
  readonly key: KeyObject;
  /** SubjectPublicKeyInfo in DER. */
  readonly der: Buffer;
  readonly pem: string;
  /** Names the key in sigstore bundles: base64 of the SHA-256 of the DER, as cosign has it. */
  readonly hint: string;
  /** Names the key in registries: `SHA256:` and the hint without padding. */
  readonly keyId: string;
}

/** Takes a public key as PEM, DER or KeyObject and names it; what is not a public key throws KEY_FILE_INVALID. */
export function identifyPublicKey(input: KeyObject | string | Uint8Array): PublicKeyIdentity {
  const key = readPublicKey(input);
  const der = key.export({ type: "spki", format: "der" });
  const hint = createHash("sha256").update(der).digest("base64");
  return {
    key,
    der,
    pem: key.export({ type: "spki", format: "pem" }).toString(),
    hint,
    keyId: `SHA256:${hint.replace(/=+$/, "")}`,
  };
}

/** Whether a key is of a kind that bundles are verified with: ECDSA P-256 or Ed25519. */
export function isSigningKeyKind(key: KeyObject): boolean {
  return key.asymmetricKeyType === "ed25519" || isP256(key);
}

/** Whether a key is on the curve P-256. */
export function isP256(key: KeyObject): boolean {
  return key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "prime256v1";
}

/** Reads a public key from PEM, DER (SubjectPublicKeyInfo) or KeyObject; anything else throws KEY_FILE_INVALID. */
export function readPublicKey(input: KeyObject | string | Uint8Array): KeyObject {
  try {
    if (input instanceof KeyObject) return input.type === "public" ? input : createPublicKey(input);
    if (typeof input === "string") return createPublicKey(input);
    return createPublicKey({ key: Buffer.from(input), format: "der", type: "spki" });
  } catch (cause) {
    throw new HxpError("KEY_FILE_INVALID", "this is not a public key in PEM or DER", { cause });
  }
}
