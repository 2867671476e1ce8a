import { z } from "zod";
import { definePredicate } from "./predicate.ts";
import { packageNameSchema, tagSchema, versionSchema } from "./schema-parts.ts";

const type = "https://github.com/hxp-enterprise/hxp/predicates/release-plan/v1";

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, "expected a SHA-256 digest in lower-case hex");
const commitSchema = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, "expected a git object id");

const tarballSchema = z.strictObject({
  file: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,255}$/, "expected a file name")
    .describe("File name in the evidence folder's `tarballs/`."),
  integrity: z
    .string()
    .regex(/^sha512-[A-Za-z0-9+/]{86}==$/, "expected a SHA-512 in SRI form")
    .describe("SHA-512 of the bytes, as npm writes it."),
  size: z.int().positive().describe("Bytes."),
});

const plannedPackageSchema = z
  .strictObject({
    name: packageNameSchema,
    version: versionSchema,
    oldVersion: versionSchema.describe("Version in the source's manifest before the release."),
    bump: z.enum(["none", "patch", "minor", "major"]),
    reasons: z.array(z.string()).describe("Why it is released: changesets' summaries, forced bumps, never published."),
    folder: z.string().describe("Relative to the workspace."),
    rank: z.int().nonnegative().describe("Order of promotion; what it depends on has a lower rank."),
    access: z.enum(["public", "restricted"]),
    expectedTag: versionSchema.nullable().describe("Where the channel's tag pointed when the plan was made."),
    onRegistry: z.boolean().describe("Whether the registry had this version when the plan was made."),
    tarball: tarballSchema,
  })
  .describe("One package of the release.");

// Strict, unlike what others write: a plan that says more than it should is not the plan that was approved.
const releasePlanSchema = z
  .strictObject({
    schema: z.literal(type),
    source: z.strictObject({
      commit: commitSchema.describe("Commit that was checked out."),
      tree: commitSchema.describe("Git tree that is released."),
      time: z.int().describe("Committer time, seconds since 1970."),
      dirty: z.array(z.string()).describe("Paths that differed from the commit."),
      repository: z.string().nullable().describe("URL of the repository, as the manifests have it."),
      prefix: z.string().describe("Path of the workspace in the repository."),
    }),
    releaseCommit: commitSchema.describe("Commit with the new versions and changelogs, made from the source."),
    lockfile: sha256Schema.describe("SHA-256 of pnpm-lock.yaml."),
    config: sha256Schema.describe("SHA-256 of the release configuration."),
    tools: z.record(z.string(), z.string()).describe("Versions of what built and packed, by name."),
    registry: z.strictObject({
      name: z.string(),
      identity: z.string().describe("URL, or for the embedded registry an id that is kept with its data."),
    }),
    channel: tagSchema.describe("The dist-tag that consumers follow."),
    stagingTag: tagSchema.describe("The dist-tag under which packages wait for promotion."),
    packages: z.array(plannedPackageSchema).min(1).max(10_000),
    warnings: z.array(z.string()),
  })
  .describe("What a release is to publish: exact bytes, versions and tags. Its digest is the id of the release.");

/** What a release is to publish: exact bytes, versions and tags. */
export type ReleasePlan = z.infer<typeof releasePlanSchema>;

/** Release plan v1, our own predicate. */
export const releasePlanPredicate = definePredicate<ReleasePlan>(type, releasePlanSchema);
