import { z } from "zod";

/** Section `compatibility` of the policy. */
export const compatibilityPolicySchema = z.strictObject({});

/** The filled-in section `compatibility`. */
export type CompatibilityPolicy = z.output<typeof compatibilityPolicySchema>;
