import { verify } from "node:crypto";
import { HxpError } from "@hxp/errors";
import { readPublicKey } from "../sign/public-key.ts";
import { type RegistryEntry, registryPayload, type RegistrySignature } from "../sign/sign-registry-entry.ts";
import type { Trust } from "../trust/trust.ts";
import { isValidAt, type TrustedKey } from "../trust/trusted-key.ts";

/** What a registry says of a version. */
export interface SignedRegistryEntry extends RegistryEntry {
  signatures: readonly RegistrySignature[];
}

/** What a registry's signature is verified against. */
export interface VerifyRegistryEntryOptions {
  trust: Trust;
  /**
   * When the version was signed, from a source that the registry cannot choose: `loggedAt` of a verified statement about
   * the same bytes. The registry's own `time` is none: who holds an ended key could set it to any day.
   */
  signedAt: Date;
}

/**
 * Verifies `dist.signatures` of a package version and returns the name of the key: one signature, at least, by a registry
 * key that the trust holds and that counted when the version was signed. The signature itself holds no time. Throws
 * KEY_NOT_TRUSTED, KEY_NOT_VALID or SIGNATURE_REFUSED.
 */
export function verifyRegistryEntry(
  entry: SignedRegistryEntry,
  { trust, signedAt }: VerifyRegistryEntryOptions,
): { name: string } {
  const label = `${entry.name}@${entry.version}`;
  const known = entry.signatures.flatMap((signature) => findKey(signature, trust));
  if (known.length === 0) throw new HxpError("KEY_NOT_TRUSTED", `${label} has no signature by a key of the trust`);
  const timely = known.filter(({ key }) => isValidAt(key, signedAt));
  if (timely.length === 0) throw new HxpError("KEY_NOT_VALID", `the key of ${label} did not count when it was signed`);
  const good = timely.find(({ key, signature }) => isSignedBy(entry, signature, key));
  if (good === undefined)
    throw new HxpError("SIGNATURE_REFUSED", `the signature of ${label} is not over its integrity`);
  return { name: good.key.name };
}

function findKey(signature: RegistrySignature, trust: Trust): { signature: RegistrySignature; key: TrustedKey }[] {
  const keys = trust.keys.filter(({ purposes }) => purposes.includes("registry"));
  const key = keys.find(({ hint }) => signature.keyid === `SHA256:${hint.replace(/=+$/, "")}`);
  return key === undefined ? [] : [{ signature, key }];
}

function isSignedBy(entry: RegistryEntry, { sig }: RegistrySignature, key: TrustedKey): boolean {
  const publicKey = readPublicKey(Buffer.from(key.publicKey, "base64"));
  return verify("sha256", registryPayload(entry), publicKey, Buffer.from(sig, "base64"));
}
