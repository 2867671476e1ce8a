import { z } from "zod";
import { definePredicate } from "./predicate.ts";
import {
  type DeepReadonly,
  digestSetSchema,
  packageNameSchema,
  tagChangeSchema,
  tagSchema,
  tarballDigestSchema,
  timestampSchema,
  uriSchema,
  versionSchema,
} from "./schema-parts.ts";

const fields = {
  release: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "expected a release id, 64 hex digits")
    .describe("Id of the release: the digest of its signed plan."),
  recordedAt: timestampSchema,
  registry: uriSchema,
  channel: tagSchema,
  previousCheckpoint: z
    .string()
    .max(16_384)
    .nullable()
    .optional()
    .describe("The log's signed checkpoint at the end of the release before; null where there was none."),
  journal: digestSetSchema.optional().describe("Digest of the journal up to this record."),
  packages: z
    .array(
      z.object({
        name: packageNameSchema,
        version: versionSchema,
        digest: tarballDigestSchema.describe("Of the tarball as the registry gave it back."),
        tags: z.array(tagChangeSchema).describe("The dist-tags that were moved."),
      }),
    )
    .max(10_000),
};
const reason = z.string().min(1).max(4096).describe("Why, in the words of the person who decided.");

const releaseRecordSchema = z
  .discriminatedUnion("outcome", [
    z.object({ outcome: z.literal("promoted"), ...fields }).describe("The channel points to the release."),
    z.object({ outcome: z.literal("rolled-back"), reason, ...fields }).describe("The tags are back where they were."),
    z.object({ outcome: z.literal("abandoned"), reason, ...fields }).describe("The channel was never touched."),
  ])
  .describe("How a release ended.");

/** How a release ended: promoted, rolled back or abandoned. */
export type ReleaseRecord = DeepReadonly<z.infer<typeof releaseRecordSchema>>;

/** Release record v1, our own predicate. */
export const releaseRecordPredicate = definePredicate<ReleaseRecord>(
  "https://github.com/hxp-enterprise/hxp/predicates/release-record/v1",
  releaseRecordSchema,
);
