import { z } from "zod";
import { definePredicate } from "./predicate.ts";
import { type DeepReadonly, jsonObjectSchema } from "./schema-parts.ts";

const sbomSchema = z.object({
  bomFormat: z.literal("CycloneDX"),
  // BSI TR-03183-2 asks for CycloneDX 1.6 or newer.
  specVersion: z.string().regex(/^1\.([6-9]|[1-9]\d+)$/, "expected CycloneDX 1.6 or a newer 1.x"),
  serialNumber: z
    .string()
    .regex(/^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "expected a URN of a UUID")
    .optional(),
  version: z.int().positive().optional(),
  metadata: jsonObjectSchema.optional(),
  components: z.array(z.object({ type: z.string().min(1), name: z.string().min(1) })).optional(),
  dependencies: z.array(z.object({ ref: z.string().min(1) })).optional(),
});

/** A CycloneDX bill of materials, 1.6 or a newer 1.x (https://cyclonedx.org/specification/overview/). */
export type Sbom = DeepReadonly<z.infer<typeof sbomSchema>>;

/** CycloneDX BOM as a predicate. */
export const sbomPredicate = definePredicate<Sbom>("https://cyclonedx.org/bom", sbomSchema);
