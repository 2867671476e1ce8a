import { z } from "zod";
import { definePredicate } from "./predicate.ts";
import {
  type DeepReadonly,
  jsonObjectSchema,
  resourceDescriptorSchema,
  timestampSchema,
  uriSchema,
} from "./schema-parts.ts";

const provenanceSchema = z.object({
  buildDefinition: z.object({
    buildType: uriSchema,
    externalParameters: jsonObjectSchema,
    internalParameters: jsonObjectSchema.optional(),
    resolvedDependencies: z.array(resourceDescriptorSchema).optional(),
  }),
  runDetails: z.object({
    builder: z.object({
      id: uriSchema,
      builderDependencies: z.array(resourceDescriptorSchema).optional(),
      version: z.record(z.string(), z.string()).optional(),
    }),
    metadata: z
      .object({
        invocationId: z.string().optional(),
        startedOn: timestampSchema.optional(),
        finishedOn: timestampSchema.optional(),
      })
      .optional(),
    byproducts: z.array(resourceDescriptorSchema).optional(),
  }),
});

/** How an artifact was built (https://slsa.dev/spec/v1.0/provenance). */
export type Provenance = DeepReadonly<z.infer<typeof provenanceSchema>>;

/** SLSA provenance v1. */
export const provenancePredicate = definePredicate<Provenance>("https://slsa.dev/provenance/v1", provenanceSchema);
