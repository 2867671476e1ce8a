import { z } from "zod";

/** Section `api` of the policy. */
export const apiPolicySchema = z.strictObject({});

/** The filled-in section `api`. */
export type ApiPolicy = z.output<typeof apiPolicySchema>;
