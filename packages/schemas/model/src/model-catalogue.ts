import * as z from "zod";

const count = z.int().min(1);

/** One entry of a catalogue: what is known of a public model, and how it is served. */
export const catalogueEntry = z.strictObject({
  /** Name in the store and in `models.serve`. */
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/),
  title: z.string().min(1).max(100),
  /** How much hardware it wants: `small` runs on a laptop, `large` on a server or a GPU. */
  class: z.enum(["small", "medium", "large"]),
  /** SPDX identifier. */
  licence: z.string().min(1).max(100),
  /** The file that is pulled. */
  source: z.strictObject({
    repo: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
    revision: z.string().min(1).max(128),
    file: z.string().regex(/\.(?:gguf|safetensors)$/),
    quantization: z.string().min(1).max(20),
  }),
  /** SHA-256 of the file, where it was seen; without it the first pull decides. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** Bytes of the file; `exact` where they were seen to the byte. */
  size: z.strictObject({ bytes: count, exact: z.boolean() }),
  /** Tokens that the model was made for. */
  contextLength: count,
  /** What the cache of keys and values depends on. */
  attention: z.strictObject({ layers: count, kvHeads: count, headLength: count }),
  /** Kind of template; the template itself is in the file. */
  chatTemplate: z.enum(["mistral", "chatml", "openchat", "phi3", "harmony"]),
  /** TCP port for a server of its own, other than those of the other entries. */
  port: z.int().min(1024).max(65_535),
  /** What to write under `models.serve.<name>` for the engine llama. */
  llama: z.strictObject({ contextLength: count, sequences: count }),
  /** How vLLM serves it: the repo of its weights, and arguments of `vllm serve`. */
  vllm: z.strictObject({ model: z.string().regex(/^[\w.-]+\/[\w.-]+$/), arguments: z.array(z.string()).readonly() }),
});

/** A catalogue of models. */
export const modelCatalogue = z.strictObject({ schema: z.literal(1), models: z.array(catalogueEntry).readonly() });

/** One entry of a catalogue. */
export type CatalogueEntry = z.output<typeof catalogueEntry>;
