import { z } from "zod";

/** How bad a vulnerability is, the least first; the words of npm and GitHub. */
export const severities = ["low", "moderate", "high", "critical"] as const;

const severity = z.enum(severities);
const days = z.int().min(1);

/** Section `advisories` of the policy. */
export const advisoriesPolicySchema = z
  .strictObject({
    errorFrom: severity
      .default("low")
      .describe(
        "Least severity of a match that stops a release unless a statement answers it; below it, it is a warning. By default every match stops: whoever ships one says why.",
      ),
    optionalErrorFrom: severity
      .default("low")
      .describe("The same for packages that are only optional dependencies, such as binaries of other platforms."),
    unknownSeverity: severity
      .default("high")
      .describe("Severity that counts for an advisory that gives none; malware is always critical."),
    unreachable: z
      .enum(["error", "warning"])
      .default("error")
      .describe("What a match is at most whose package is provably imported from nowhere."),
    maxAgeDays: days
      .default(7)
      .describe("Age in days from which the snapshot warns; counted from its newest entry, or its import if earlier."),
    blockAfterDays: days
      .default(30)
      .describe(
        "Age in days from which a snapshot blocks, unless the registry's own advisories could be asked; no less than `maxAgeDays`.",
      ),
    minimumEntries: z
      .int()
      .min(1)
      .default(10_000)
      .describe(
        "Entries that a snapshot has at least; OSV's npm database has many times more. A snapshot with fewer blocks, unless the registry's own advisories could be asked. A database of one's own sets it lower.",
      ),
    canary: z
      .string()
      .regex(/^(?:@[^/@\s]+\/)?[^/@\s]+@\d+\.\d+\.\d+[^\s]*$/, "Expected name@version")
      .default("minimist@0.0.8")
      .describe(
        "A version, `name@version`, that every source of advisories knows something against. It is put into each question to the registry: an answer without it proves nothing.",
      ),
    vex: z
      .array(z.string().min(1))
      .default([".vex/*.json"])
      .describe("Files of the workspace with statements about vulnerabilities, OpenVEX or CycloneDX; globs."),
  })
  .refine(({ maxAgeDays, blockAfterDays }) => blockAfterDays >= maxAgeDays, {
    path: ["blockAfterDays"],
    message: "Expected no less than maxAgeDays",
  });

/** The filled-in section `advisories`. */
export type AdvisoriesPolicy = z.output<typeof advisoriesPolicySchema>;
