import { z } from "zod";

const contractSchema = z.strictObject({
  files: z
    .array(z.string().min(1))
    .min(1)
    .describe(
      "Files or globs, relative to the workspace; those that are JavaScript or TypeScript are run by the cell's Node and pass with exit code 0, the others stand beside them.",
    ),
  with: z
    .record(z.string(), z.string())
    .default({})
    .describe("Packages that the files need beside the package under test, as name and range."),
});

const overrideSchema = z.strictObject({
  package: z.string().min(1).describe("Name of a dependency, wherever it stands in the tree."),
  version: z.string().min(1).describe("The version that it gets, whatever the ranges say."),
  reason: z.string().min(1).describe("Why the ranges cannot be kept here; it is said in each cell."),
});

/** Section `compatibility` of the policy. */
export const compatibilityPolicySchema = z.strictObject({
  contracts: z
    .record(z.string(), contractSchema)
    .default({})
    .describe(
      "Contract tests by package name, in place of `contract/**/*.{js,mjs,ts,mts}` in the package's folder. They are copied into each consumer project and run against the packed package.",
    ),
  requireContract: z
    .boolean()
    .default(false)
    .describe("Whether a package without a contract test is an error; else it is a warning."),
  contractTimeoutSeconds: z.int().positive().default(60).describe("Seconds that one contract test may take."),
  minimumAgeMinutes: z
    .int()
    .min(0)
    .default(1440)
    .describe(
      "Minutes that a third party's version must have been published before it is installed to be tried (by cells, by the smoke test, to read the help of a last release), also as a dependency of a dependency; what the lockfile or `overrides` has is installed whatever its age. 0: any age.",
    ),
  overrides: z
    .array(overrideSchema)
    .default([])
    .describe("Versions that every consumer's project overrides, for what the registry at hand does not serve."),
  pairs: z
    .strictObject({
      releases: z
        .int()
        .min(0)
        .default(2)
        .describe("How many earlier releases of each package are tried with this release's others; 0 tries none."),
      node: z
        .string()
        .optional()
        .describe("Node version for the pairs, one of the release's; default: the newest of an even major."),
      manager: z.enum(["npm", "pnpm"]).default("pnpm").describe("Package manager for the pairs."),
    })
    .prefault({})
    .describe("Combinations of this workspace's packages across releases."),
  maxFloorTries: z
    .int()
    .min(0)
    .default(40)
    .describe("Installs that may be spent on one package to find the lowest version of a dependency that works."),
});
