import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { Signer } from "@sigstore/sign";
import { identifyPublicKey } from "./public-key.ts";

/** An ECDSA P-256 key at hand, with the hint that names it in bundles. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** base64 of the SHA-256 of the public key's DER. */
  readonly hint: string;
  /** The public key in PEM. */
  readonly pem: string;
}

/** Makes a new ECDSA P-256 key in memory. */
export function createSigningKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const { hint, pem } = identifyPublicKey(publicKey);
  return { privateKey, publicKey, hint, pem };
}

/** Makes a signer of a key at hand: ECDSA over SHA-256, signature in DER. */
export function createKeySigner(key: SigningKey): Signer {
  return {
    sign: async (data) => ({
      signature: sign("sha256", data, key.privateKey),
      key: { $case: "publicKey", publicKey: key.pem, hint: key.hint },
    }),
  };
}
