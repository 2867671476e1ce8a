import { z } from "zod";

const acceptedSchema = z.strictObject({
  package: z.string().min(1).describe("The dependency, as `name` for every version or `name@version`."),
  reason: z.string().min(1).describe("Why that is right: what was read or tried."),
});

/** Section `conflicts` of the policy. */
export const conflictsPolicySchema = z.strictObject({
  singletons: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "Packages that a closure may hold in one version only. What somebody shares with a released package as a peer is one without being named here.",
    ),
  deprecated: z
    .enum(["error", "direct", "warning"])
    .default("direct")
    .describe(
      "What a deprecated version is: an error, an error only for what a released package itself depends on, or a warning.",
    ),
  maxMonthsWithoutRelease: z
    .int()
    .positive()
    .default(60)
    .describe("Months after which a dependency without any new version gets a warning; much small code is finished."),
  allowScripts: z
    .array(acceptedSchema)
    .default([])
    .describe("Dependencies that may run scripts when they are installed."),
  trustedNames: z
    .array(acceptedSchema)
    .default([])
    .describe("Dependencies that are meant, though their names look like those of others."),
});

/** The filled-in section `conflicts`. */
export type ConflictsPolicy = z.output<typeof conflictsPolicySchema>;
