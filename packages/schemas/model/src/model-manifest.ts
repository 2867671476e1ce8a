import * as z from "zod";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What is known of a model in the store: `models/<name>.json`. The file itself is `blobs/sha256/<digest>`. */
export const modelManifest = z.strictObject({
  schema: z.literal(1),
  name: z.string().regex(/^(?!.*\.\.)[a-z0-9][a-z0-9._-]{0,62}$/),
  /** SHA-256 of the file, in hexadecimal digits. */
  sha256,
  /** Bytes of the file. */
  size: z.int().min(1),
  format: z.enum(["gguf", "safetensors"]),
  /** The address that it was pulled from, without query, or the path that it was taken from. */
  source: z.string().min(1).max(4096),
  /** SPDX identifier, as the catalogue or whoever pulled it says; undefined: nobody said. */
  licence: z.string().min(1).max(200).optional(),
  /** ISO 8601 in UTC. */
  pulledAt: z.iso.datetime({ offset: false }),
  /** Who vouched for the digest: `given` before it was pulled, or `first-pull`, which trusted what came. */
  pinned: z.enum(["given", "first-pull"]),
  /** What the file's header says of the model. */
  about: z
    .strictObject({
      architecture: z.string().max(200).optional(),
      /** Tokens that it was made for. */
      contextLength: z.int().min(1).optional(),
      hasChatTemplate: z.boolean(),
    })
    .optional(),
  /** Questions with answers that show that it works, for `hxp models test`. */
  knownAnswers: z
    .array(z.strictObject({ prompt: z.string(), answer: z.string() }))
    .max(100)
    .default([]),
});

/** What is known of a model in the store. */
export type ModelManifest = z.output<typeof modelManifest>;
