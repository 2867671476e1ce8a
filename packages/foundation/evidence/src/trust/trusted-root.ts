import { TrustedRoot } from "@sigstore/protobuf-specs";
import { toTrustMaterial } from "@sigstore/verify";
import { z } from "zod";
import { timestampSchema } from "../statement/schema-parts.ts";

const validForSchema = z.looseObject({ start: timestampSchema.optional(), end: timestampSchema.optional() });
const keyIdSchema = z.looseObject({ keyId: z.base64().min(1) });

const logInstanceSchema = z.looseObject({
  baseUrl: z.string(),
  hashAlgorithm: z.string(),
  logId: keyIdSchema,
  checkpointKeyId: keyIdSchema.optional(),
  publicKey: z.looseObject({
    rawBytes: z.base64().min(1),
    keyDetails: z.string(),
    validFor: validForSchema.optional(),
  }),
});

const authoritySchema = z.looseObject({
  uri: z.string().optional(),
  certChain: z.looseObject({ certificates: z.array(z.looseObject({ rawBytes: z.base64().min(1) })).min(1) }),
  validFor: validForSchema.optional(),
});

/** Shape of sigstore's `trusted_root.json`, and that its keys and certificates can be read. */
export const trustedRootSchema = z
  .looseObject({
    mediaType: z
      .string()
      .regex(/^application\/vnd\.dev\.sigstore\.trustedroot(\+json;version=0\.\d+|\.v0\.\d+\+json)$/),
    tlogs: z.array(logInstanceSchema).optional(),
    certificateAuthorities: z.array(authoritySchema).optional(),
    ctlogs: z.array(logInstanceSchema).optional(),
    timestampAuthorities: z.array(authoritySchema).optional(),
  })
  .superRefine((root, context) => {
    if (context.issues.length > 0) return;
    try {
      toTrustMaterial(TrustedRoot.fromJSON(root));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      context.addIssue({ code: "custom", message: `a key or certificate in it cannot be read: ${reason}` });
    }
  });

/** Content of a `trusted_root.json`. */
export type TrustedRootJson = z.infer<typeof trustedRootSchema>;
