import { z } from "zod";

/** Section `rebuild` of the policy. */
export const rebuildPolicySchema = z.strictObject({
  nodeMajor: z
    .int()
    .min(18)
    .default(22)
    .describe("Node major that the second build runs on; must not be the one that the first build ran on."),
});
