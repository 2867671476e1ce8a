import type { KeyObject } from "node:crypto";
import { HxpError } from "@hxp/errors";
import { z } from "zod";
import { identifyPublicKey, isSigningKeyKind } from "../sign/public-key.ts";
import { timestampSchema } from "../statement/schema-parts.ts";

/** What a key may sign: in-toto statements, or registry entries (`dist.signatures`). */
export type KeyPurpose = "statement" | "registry";

/** The time for which a key is trusted, both ends included. */
export interface Validity {
  /** RFC 3339. */
  readonly start: string;
  /** RFC 3339; absent while the key is in use. */
  readonly end?: string | undefined;
}

/** A key of ours that a trust holds. */
export interface TrustedKey {
  /** Who signs with it; a key and its successors share the name, so that a policy by name outlives a rotation. */
  readonly name: string;
  readonly purposes: readonly KeyPurpose[];
  /** base64 of the SHA-256 of the key's DER: the name of the key in bundles. */
  readonly hint: string;
  /** SubjectPublicKeyInfo, DER, base64. */
  readonly publicKey: string;
  readonly validFor: Validity;
}

/** Shape of an element of `trusted_keys.json`. */
export const trustedKeySchema: z.ZodType<TrustedKey> = z
  .looseObject({
    name: z.string().min(1).max(256),
    purposes: z.array(z.enum(["statement", "registry"])).min(1),
    hint: z.string(),
    publicKey: z.base64(),
    validFor: z.looseObject({ start: timestampSchema, end: timestampSchema.optional() }),
  })
  .superRefine(({ hint, publicKey, validFor }, context) => {
    const problem = (path: string, message: string): void =>
      context.addIssue({ code: "custom", path: [path], message });
    if (hintOf(publicKey) !== hint)
      problem("hint", "expected the hint of an ECDSA P-256 or Ed25519 public key beside it");
    if (validFor.end !== undefined && Date.parse(validFor.end) < Date.parse(validFor.start)) {
      problem("validFor", "expected an end after the start");
    }
  });

/** What {@link createTrustedKey} takes beside the key. */
export interface TrustedKeyOptions {
  name: string;
  /** Default: statements and registry entries. */
  purposes?: readonly KeyPurpose[];
  /** Default: now; counted from the whole second, as log time is. */
  start?: Date;
  end?: Date;
}

/** Describes a public key for a trust. Throws USAGE_INVALID for a kind that bundles are not verified with. */
export function createTrustedKey(publicKey: KeyObject | string, options: TrustedKeyOptions): TrustedKey {
  const { key, der, hint } = identifyPublicKey(publicKey);
  if (!isSigningKeyKind(key)) throw new HxpError("USAGE_INVALID", "a trusted key is ECDSA P-256 or Ed25519");
  const { name, purposes = ["statement", "registry"], start = new Date(), end } = options;
  const validFor = { start: toWholeSecond(start), ...(end === undefined ? {} : { end: toWholeSecond(end) }) };
  return { name, purposes, hint, publicKey: der.toString("base64"), validFor };
}

/** Whether a key is trusted at a time, both ends of its validity included. */
export function isValidAt({ validFor: { start, end } }: TrustedKey, time: Date): boolean {
  return Date.parse(start) <= time.getTime() && (end === undefined || time.getTime() <= Date.parse(end));
}

/** A time cut to the whole second, RFC 3339. */
export function toWholeSecond(time: Date): string {
  return new Date(Math.floor(time.getTime() / 1000) * 1000).toISOString();
}

function hintOf(publicKey: string): string | undefined {
  try {
    const { key, hint } = identifyPublicKey(Buffer.from(publicKey, "base64"));
    return isSigningKeyKind(key) ? hint : undefined;
  } catch {
    return undefined;
  }
}
