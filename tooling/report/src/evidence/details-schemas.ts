import { z } from "zod";

const inputSchema = z.looseObject({ name: z.string(), digest: z.string() });
const text = z.string();
const texts = z.array(z.string());
const identified = { id: text, name: text, version: text };

const cellSchema = z.looseObject({
  key: text,
  package: text,
  version: text,
  resolution: text,
  node: text,
  manager: text,
  verdict: text,
  reused: z.boolean().optional(),
  startedAt: text.optional(),
  durationMs: z.number().optional(),
  dependencies: z
    .array(z.looseObject({ name: text, range: text, version: text.optional(), kind: text.optional() }))
    .default([]),
  inputs: z.array(inputSchema).default([]),
  checks: z.array(z.looseObject({ name: text, verdict: text, message: text.optional() })).default([]),
  log: text.default(""),
  reproduce: text.optional(),
});

const pairSchema = z.looseObject({
  package: text,
  version: text,
  other: text,
  otherVersion: text,
  node: text,
  manager: text,
  verdict: text,
  startedAt: text.optional(),
  durationMs: z.number().optional(),
  key: text.optional(),
  reused: z.boolean().optional(),
  log: text.default(""),
  reproduce: text.optional(),
});

const compatibility = z.looseObject({
  nodes: texts.default([]),
  managers: texts.default([]),
  resolutions: texts.default([]),
  cells: z.array(cellSchema),
  pairs: z.array(pairSchema).default([]),
  unclaimedNodes: z.array(z.looseObject({ package: text, version: text, node: text, engines: text })).default([]),
});

const conflicts = z.looseObject({
  packages: z.array(
    z.looseObject({
      ...identified,
      licence: text.optional(),
      published: text.optional(),
      deprecated: text.optional(),
      latest: text.optional(),
      hasInstallScript: z.boolean().optional(),
      depth: z.number().optional(),
      usedBy: texts.default([]),
    }),
  ),
});

const disagreementSchema = z.looseObject({ id: text, ours: text, theirs: text, message: text.optional() });

const licences = z.looseObject({
  packages: z.array(
    z.looseObject({
      ...identified,
      licence: text.optional(),
      source: text.optional(),
      allowed: z.boolean().optional(),
      optional: z.boolean().optional(),
      kind: text.optional(),
      depth: z.number().optional(),
      usedBy: texts.default([]),
      paths: z.array(texts).default([]),
      problem: text.optional(),
      texts: z.array(z.looseObject({ file: text, digest: text })).default([]),
      exception: z.looseObject({ owner: text, reason: text, expires: text }).optional(),
    }),
  ),
  texts: z.record(text, text).default({}),
  disagreements: z.array(disagreementSchema).default([]),
});

const secondOpinion = z.looseObject({ disagreements: z.array(disagreementSchema) });

const advisories = z.looseObject({
  database: z
    .looseObject({
      name: text,
      digest: text.optional(),
      importedAt: text.optional(),
      modified: text.optional(),
      entries: z.number().optional(),
    })
    .optional(),
  registry: z.looseObject({ answered: z.boolean(), says: text }).optional(),
  checked: z.number().optional(),
  matches: z.array(
    z.looseObject({
      ...identified,
      advisory: text,
      aliases: texts.default([]),
      summary: text.default(""),
      severity: text.default("unknown"),
      score: z.number().optional(),
      fixedIn: texts.default([]),
      usedBy: texts.default([]),
      paths: z.array(texts).default([]),
      reachable: text.default("unknown"),
      why: text.optional(),
      statement: z
        .looseObject({ status: text, justification: text.optional(), owner: text, reason: text, expires: text })
        .optional(),
      verdict: text,
    }),
  ),
});

const signatures = z.looseObject({
  packages: z.array(
    z.looseObject({
      ...identified,
      integrity: text.optional(),
      signature: text.default("unknown"),
      provenance: text.default("unknown"),
      builtBy: text.optional(),
      repository: text.optional(),
      workflow: text.optional(),
      commit: text.optional(),
      publisher: text.optional(),
      previousPublisher: text.optional(),
      note: text.optional(),
    }),
  ),
});

const api = z.looseObject({
  packages: z.array(
    z.looseObject({
      name: text,
      from: text.optional(),
      to: text,
      declared: text,
      least: text,
      unknown: texts.default([]),
      changes: z
        .array(
          z.looseObject({
            kind: text,
            where: text,
            change: text,
            before: text.optional(),
            after: text.optional(),
            bump: text,
            reason: text.default(""),
          }),
        )
        .default([]),
    }),
  ),
});

const contents = z.looseObject({
  packages: z.array(
    z.looseObject({
      name: text,
      from: text.optional(),
      to: text,
      packedBytes: z.number().optional(),
      unpackedBytes: z.number().optional(),
      files: z
        .array(
          z.looseObject({
            path: text,
            bytes: z.number(),
            change: text,
            bytesBefore: z.number().optional(),
            digest: text.optional(),
          }),
        )
        .default([]),
      capabilities: z
        .array(z.looseObject({ capability: text, file: text, evidence: text.optional(), change: text }))
        .default([]),
      hosts: z.array(z.looseObject({ host: text, file: text, requested: z.boolean().optional() })).default([]),
      dependencies: z
        .array(z.looseObject({ name: text, range: text, rangeBefore: text.optional(), change: text }))
        .default([]),
      entries: z.array(z.looseObject({ key: text, before: text.optional(), after: text.optional() })).default([]),
    }),
  ),
});

const docs = z.looseObject({
  documents: z.array(
    z.looseObject({
      path: text,
      links: z.number().optional(),
      commands: z.number().optional(),
      snippets: z.number().optional(),
      unknown: texts.default([]),
    }),
  ),
});

/** Shapes of what gates looked at, by gate. */
export const detailsSchemas = {
  "second-opinion": secondOpinion,
  compatibility,
  conflicts,
  licences,
  advisories,
  signatures,
  api,
  contents,
  docs,
} as const;

/** Name of a gate whose details these pages show. */
export type DetailedGate = keyof typeof detailsSchemas;
/** What gates looked at, as far as they said so in a form that reads. */
export type GateDetails = { readonly [Gate in DetailedGate]?: z.infer<(typeof detailsSchemas)[Gate]> };
/** One cell of the compatibility matrix. */
export type CompatibilityCell = z.infer<typeof cellSchema>;
/** One pair of our own packages that was tried together. */
export type CompatibilityPair = z.infer<typeof pairSchema>;
