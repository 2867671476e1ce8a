import { z } from "zod";

/** Section `advisories` of the policy. */
export const advisoriesPolicySchema = z.strictObject({});

/** The filled-in section `advisories`. */
export type AdvisoriesPolicy = z.output<typeof advisoriesPolicySchema>;
