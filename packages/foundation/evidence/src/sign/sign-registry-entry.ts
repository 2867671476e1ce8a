import type { KeyObject } from "node:crypto";
import { HxpError } from "@hxp/errors";
import type { Signer } from "@sigstore/sign";
import { identifyPublicKey, isP256 } from "./public-key.ts";

/** A package version as a registry knows it. */
export interface RegistryEntry {
  name: string;
  version: string;
  /** The tarball's `dist.integrity`: `sha512-` and base64. */
  integrity: string;
}

/** One element of `dist.signatures` in a registry's answer. */
export interface RegistrySignature {
  keyid: string;
  /** ECDSA over SHA-256, DER, base64. */
  sig: string;
}

/** One element of `keys` in the answer to `/-/npm/v1/keys`. */
export interface RegistryKey {
  /** ISO 8601, or null while the key is in use. Clients refuse packages that were published later. */
  expires: string | null;
  keyid: string;
  keytype: "ecdsa-sha2-nistp256";
  scheme: "ecdsa-sha2-nistp256";
  /** SubjectPublicKeyInfo, DER, base64. */
  key: string;
}

/** Signs `name@version:integrity`, which stock npm and pnpm check in `audit signatures`. Takes a signer of an own ECDSA P-256 key. */
export async function signRegistryEntry(entry: RegistryEntry, signer: Signer): Promise<RegistrySignature> {
  const { signature, key } = await signer.sign(registryPayload(entry));
  if (key.$case !== "publicKey") {
    throw new HxpError("USAGE_INVALID", "registry signatures need a signer with a key of its own, not a certificate");
  }
  return { keyid: toRegistryKey(key.publicKey).keyid, sig: signature.toString("base64") };
}

/** Describes a public key as registries serve it. */
export function toRegistryKey(publicKey: KeyObject | string | Uint8Array, expires?: Date): RegistryKey {
  const identity = identifyPublicKey(publicKey);
  if (!isP256(identity.key)) throw new HxpError("USAGE_INVALID", "registry signatures need an ECDSA P-256 key");
  return {
    expires: expires?.toISOString() ?? null,
    keyid: identity.keyId,
    keytype: "ecdsa-sha2-nistp256",
    scheme: "ecdsa-sha2-nistp256",
    key: identity.der.toString("base64"),
  };
}

/** The bytes that a registry signature is over. */
export function registryPayload({ name, version, integrity }: RegistryEntry): Buffer {
  if (!/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity)) {
    throw new HxpError("USAGE_INVALID", `integrity of ${name}@${version} is not a SHA-512 in SRI form`);
  }
  return Buffer.from(`${name}@${version}:${integrity}`);
}
