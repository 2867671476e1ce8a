import { z } from "zod";
import { definePredicate } from "./predicate.ts";
import {
  type DeepReadonly,
  digestSetSchema,
  resourceDescriptorSchema,
  timestampSchema,
  uriSchema,
} from "./schema-parts.ts";

const verificationSummarySchema = z.object({
  verifier: z.object({ id: uriSchema, version: z.record(z.string(), z.string()).optional() }),
  timeVerified: timestampSchema.optional(),
  resourceUri: uriSchema,
  policy: resourceDescriptorSchema,
  inputAttestations: z.array(z.object({ uri: uriSchema.optional(), digest: digestSetSchema })).optional(),
  verificationResult: z.enum(["PASSED", "FAILED"]),
  verifiedLevels: z.array(z.string().min(1)),
  dependencyLevels: z.record(z.string(), z.int().nonnegative()).optional(),
  slsaVersion: z.string().optional(),
});

/** What a verifier found when it applied a policy to an artifact (https://slsa.dev/spec/v1.0/verification_summary). */
export type VerificationSummary = DeepReadonly<z.infer<typeof verificationSummarySchema>>;

/** SLSA verification summary (VSA) v1. */
export const verificationSummaryPredicate = definePredicate<VerificationSummary>(
  "https://slsa.dev/verification_summary/v1",
  verificationSummarySchema,
);
