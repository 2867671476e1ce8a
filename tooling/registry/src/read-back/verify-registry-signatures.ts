import { createPublicKey, verify } from "node:crypto";
import { HxpError } from "@hxp/errors";
import type { RegistrySignature } from "../released-package.ts";

/** A public key as registries list it at `/-/npm/v1/keys`. */
export interface PublicKeyEntry {
  /** `SHA256:` and the base64 digest of the key. */
  readonly keyid: string;
  readonly keytype: string;
  readonly scheme: string;
  /** Base64 of the DER SubjectPublicKeyInfo. */
  readonly key: string;
  /** ISO 8601; signatures of versions published later do not count. Null: never. */
  readonly expires: string | null;
}

/** A version and what a registry says it was signed with. */
export interface SignedVersion {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  readonly signatures: readonly RegistrySignature[];
  /** When it was published, ISO 8601; a key that has expired needs it. */
  readonly publishedAt?: string | undefined;
}

/**
 * Checks every registry signature of a version (ECDSA P-256 over `name@version:integrity`, as npm and pnpm do). None
 * at all, a key that is not in the list or had expired, or a signature that does not match: REGISTRY_SIGNATURE_BAD.
 */
export function verifyRegistrySignatures(signed: SignedVersion, keys: readonly PublicKeyEntry[]): void {
  const { name, version, integrity, signatures, publishedAt } = signed;
  const what = `${name}@${version}`;
  if (signatures.length === 0) throw bad(what, "carries no registry signature");
  const message = Buffer.from(`${what}:${integrity}`);
  for (const { keyid, sig } of signatures) {
    const entry = keys.find((key) => key.keyid === keyid);
    if (entry === undefined) throw bad(what, `is signed by ${keyid}, which is not a trusted key`);
    if (hasExpired(entry, publishedAt)) throw bad(what, `is signed by ${keyid}, which expired on ${entry.expires}`);
    if (!isSignature(message, { entry, sig })) throw bad(what, `has a signature by ${keyid} that does not match`);
  }
}

function hasExpired({ expires }: PublicKeyEntry, publishedAt: string | undefined): boolean {
  if (expires === null) return false;
  return publishedAt === undefined || !(Date.parse(publishedAt) < Date.parse(expires));
}

function isSignature(message: Buffer, { entry, sig }: { entry: PublicKeyEntry; sig: string }): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(entry.key, "base64"), format: "der", type: "spki" });
    return key.asymmetricKeyType === "ec" && verify("sha256", message, key, Buffer.from(sig, "base64"));
  } catch {
    return false;
  }
}

function bad(what: string, problem: string): HxpError {
  return new HxpError("REGISTRY_SIGNATURE_BAD", `${what} ${problem}`);
}
