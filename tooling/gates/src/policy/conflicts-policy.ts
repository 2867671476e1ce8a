import { z } from "zod";

/** Section `conflicts` of the policy. */
export const conflictsPolicySchema = z.strictObject({});

/** The filled-in section `conflicts`. */
export type ConflictsPolicy = z.output<typeof conflictsPolicySchema>;
