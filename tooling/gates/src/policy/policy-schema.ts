import { z } from "zod";
import { advisoriesPolicySchema } from "./advisories-policy.ts";
import { apiPolicySchema } from "./api-policy.ts";
import { compatibilityPolicySchema } from "./compatibility-policy.ts";
import { conflictsPolicySchema } from "./conflicts-policy.ts";
import { contentsPolicySchema } from "./contents-policy.ts";
import { docsPolicySchema } from "./docs-policy.ts";
import { licencesPolicySchema } from "./licences-policy.ts";
import { rebuildPolicySchema } from "./rebuild-policy.ts";
import { signaturesPolicySchema } from "./signatures-policy.ts";

/** The longest time for which a finding can be waived. */
export const maximumWaiverDays = 90;

const waiverSchema = z.strictObject({
  gate: z.string().min(1).describe("Name of the gate whose finding is waived."),
  rule: z.string().min(1).describe("Rule of the finding."),
  package: z.string().min(1).optional().describe("Package that the finding concerns; default: every package."),
  dependency: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Dependency that the finding is about, `name` for every version or `name@version`; default: every dependency.",
    ),
  owner: z.string().min(1).describe("Who answers for the waiver: a name and an address."),
  reason: z.string().min(1).describe("Why the release may go out with the finding."),
  expires: z.iso
    .date()
    .describe(`Last day of the waiver, UTC, YYYY-MM-DD; at most ${maximumWaiverDays} days from the release.`),
});

const rehearsalSchema = z.strictObject({
  mayNotRun: z
    .array(z.string().min(1))
    .default([])
    .describe("Gates that need not run in a rehearsal, where what they need cannot be had; said loudly each time."),
});

/** What a release must satisfy. Strict: an unknown key is an error. `policySchema.parse({})` gives the defaults. */
export const policySchema = z.strictObject({
  contents: contentsPolicySchema.prefault({}).describe("What a package may contain."),
  licences: licencesPolicySchema.prefault({}).describe("Under which licences dependencies may be."),
  rebuild: rebuildPolicySchema.prefault({}).describe("How the second build is made."),
  compatibility: compatibilityPolicySchema.prefault({}).describe("Which combinations are installed and run."),
  conflicts: conflictsPolicySchema.prefault({}).describe("What dependencies may not do to each other."),
  advisories: advisoriesPolicySchema.prefault({}).describe("Which known vulnerabilities stop a release."),
  signatures: signaturesPolicySchema.prefault({}).describe("What must be known of who published a dependency."),
  api: apiPolicySchema.prefault({}).describe("How a version bump is compared with the change."),
  docs: docsPolicySchema.prefault({}).describe("Which documents are followed."),
  rehearsal: rehearsalSchema
    .prefault({})
    .describe("What a release to the local rehearsal registry may do without; other registries take no notice of it."),
  waivers: z.array(waiverSchema).default([]).describe("Findings that do not stop a release, each for a limited time."),
});

/** A policy with every default filled in. */
export type ReleasePolicy = z.output<typeof policySchema>;

/** A policy as a person writes it: every key is optional. */
export type ReleasePolicyInput = z.input<typeof policySchema>;

/** Lets a release go out in spite of a finding: who answers for it, why, until when. */
export type Waiver = z.output<typeof waiverSchema>;
