import { z } from "zod";

const text = z.string();

/** Shape of `plan.json`, as far as these pages show it. */
export const planSchema = z.looseObject({
  source: z.looseObject({
    commit: text,
    tree: text.optional(),
    time: z.number().optional(),
    dirty: z.array(text).default([]),
    repository: text.nullish(),
  }),
  releaseCommit: text.optional(),
  lockfile: text.optional(),
  config: text.optional(),
  tools: z.record(text, text).default({}),
  registry: z.looseObject({ name: text, identity: text }),
  channel: text,
  packages: z.array(
    z.looseObject({
      name: text,
      version: text,
      oldVersion: text.optional(),
      bump: text.default("none"),
      reasons: z.array(text).default([]),
      folder: text.optional(),
      expectedTag: text.nullish(),
      tarball: z.looseObject({ file: text, integrity: text, size: z.number() }),
    }),
  ),
  warnings: z.array(text).default([]),
});

const keySchema = z.looseObject({
  name: text,
  purposes: z.array(text).default([]),
  hint: text,
  publicKey: text,
  validFor: z.looseObject({ start: text.optional(), end: text.optional() }),
});

/** Shape of `trust/trusted_keys.json`. */
export const trustedKeysSchema = z.looseObject({ keys: z.array(keySchema) });

const logSchema = z.looseObject({
  baseUrl: text,
  logId: z.looseObject({ keyId: text }),
  publicKey: z.looseObject({
    rawBytes: text,
    keyDetails: text,
    validFor: z.looseObject({ start: text.optional(), end: text.optional() }).optional(),
  }),
});

/** Shape of `trust/trusted_root.json`, as far as logs go. */
export const trustedRootSchema = z.looseObject({ tlogs: z.array(logSchema).default([]) });

const hashSchema = z.looseObject({ alg: text, content: text });

/** A component of a CycloneDX document. */
const componentSchema = z.looseObject({
  "bom-ref": text,
  group: text.optional(),
  name: text,
  version: text.optional(),
  purl: text.optional(),
  scope: text.optional(),
  description: text.optional(),
  hashes: z.array(hashSchema).default([]),
  licenses: z
    .array(
      z.looseObject({
        expression: text.optional(),
        license: z.looseObject({ id: text.optional(), name: text.optional() }).optional(),
      }),
    )
    .default([]),
  manufacturer: z.looseObject({ name: text.optional(), url: z.array(text).optional() }).optional(),
  supplier: z.looseObject({ name: text.optional() }).optional(),
});

/** Shape of `packages/<package>/sbom.cdx.json`, as far as these pages show it. */
export const sbomSchema = z.looseObject({
  bomFormat: z.literal("CycloneDX"),
  specVersion: text,
  metadata: z.looseObject({ timestamp: text.optional(), component: componentSchema }),
  components: z.array(componentSchema).default([]),
  dependencies: z.array(z.looseObject({ ref: text, dependsOn: z.array(text).default([]) })).default([]),
});

/** A release's plan. */
export type Plan = z.infer<typeof planSchema>;
/** A key that statements are verified with. */
export type TrustedKey = z.infer<typeof keySchema>;
/** A transparency log that entries are verified with. */
export type TrustedLog = z.infer<typeof logSchema>;
/** A CycloneDX document. */
export type Sbom = z.infer<typeof sbomSchema>;
/** A component of a CycloneDX document. */
export type SbomComponent = z.infer<typeof componentSchema>;
