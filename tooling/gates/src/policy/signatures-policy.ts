import { z } from "zod";
import { parseSigningKey } from "../signatures/signing-keys.ts";

const keySchema = z.strictObject({
  keyid: z.string().min(1).describe("Name of the key in `dist.signatures`, such as `SHA256:…`."),
  key: z
    .base64()
    .refine((key) => parseSigningKey(key) !== undefined, "Expected an ECDSA P-256 public key, DER in base64")
    .describe("Public key, ECDSA P-256: SubjectPublicKeyInfo in DER, as base64."),
  expires: z.iso
    .datetime({ offset: true })
    .nullable()
    .default(null)
    .describe("Time after which it signed nothing; null while it is in use."),
});

/** Section `signatures` of the policy. */
export const signaturesPolicySchema = z.strictObject({
  keys: z
    .array(keySchema)
    .default([])
    .describe(
      "Keys that the registry signs with. If there are any, keys that the registry serves count for nothing, and every dependency must be signed.",
    ),
  trustedRoot: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Sigstore's `trusted_root.json`, relative to the workspace, to verify provenance with; without it, provenance is served, never verified, and nobody knows who built what.",
    ),
  newPublisherDays: z
    .int()
    .min(0)
    .default(30)
    .describe(
      "Age in days up to which a version by somebody who never published the package before, or from another pipeline than the one before, is an error; older, it is a warning.",
    ),
});

/** The filled-in section `signatures`. */
export type SignaturesPolicy = z.output<typeof signaturesPolicySchema>;
