import { z } from "zod";

/** Section `signatures` of the policy. */
export const signaturesPolicySchema = z.strictObject({});

/** The filled-in section `signatures`. */
export type SignaturesPolicy = z.output<typeof signaturesPolicySchema>;
