import { z } from "zod";

/** Section `docs` of the policy. */
export const docsPolicySchema = z.strictObject({});

/** The filled-in section `docs`. */
export type DocsPolicy = z.output<typeof docsPolicySchema>;
