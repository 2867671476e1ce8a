import { z } from "zod";
import type { JsonObject } from "../gate.ts";

/** A signature of a registry over one version. */
export interface RegistrySignature {
  keyid: string;
  /** DER, base64. */
  sig: string;
}

/** What a registry says of one version; what it does not say, or says in another form, is absent. */
export interface PublishedVersion {
  version: string;
  /** ISO 8601. */
  published?: string | undefined;
  /** Subresource integrity. */
  integrity?: string | undefined;
  signatures: readonly RegistrySignature[];
  /** Whether it names attestations of provenance. */
  hasProvenance: boolean;
  /** Account that published it. */
  publisher?: string | undefined;
  /** Service that published it in place of a person, such as `github`. */
  trustedPublisher?: string | undefined;
  /** URL of the repository in its manifest. */
  repository?: string | undefined;
}

/** All versions of a package that a registry knows, by version. */
export type PublishedVersions = ReadonlyMap<string, PublishedVersion>;

const text = z.string().min(1).optional().catch(undefined);
const signature = z.looseObject({ keyid: z.string(), sig: z.string() });

const versionSchema = z.looseObject({
  dist: z
    .looseObject({
      integrity: text,
      signatures: z.array(signature).catch([]),
      attestations: z
        .looseObject({ provenance: z.looseObject({}).optional() })
        .optional()
        .catch(undefined),
    })
    .catch({ integrity: undefined, signatures: [], attestations: undefined }),
  _npmUser: z
    .looseObject({ name: text, trustedPublisher: z.looseObject({ id: text }).optional().catch(undefined) })
    .optional()
    .catch(undefined),
  repository: z
    .union([z.string(), z.looseObject({ url: z.string() }).transform(({ url }) => url)])
    .optional()
    .catch(undefined),
});

const packumentSchema = z.looseObject({
  versions: z.record(z.string(), z.unknown()).catch({}),
  time: z.record(z.string(), z.unknown()).catch({}),
});

/** Reads what a packument says of signatures, attestations and publishers. */
export function readPublishedVersions(packument: JsonObject): PublishedVersions {
  const { versions, time } = packumentSchema.parse(packument);
  const times = new Map(Object.entries(time));
  return new Map(
    Object.entries(versions).flatMap(([version, manifest]) => {
      const parsed = versionSchema.safeParse(manifest);
      return parsed.success ? [[version, toVersion(version, parsed.data, times.get(version))]] : [];
    }),
  );
}

function toVersion(version: string, manifest: z.output<typeof versionSchema>, time: unknown): PublishedVersion {
  const { dist, _npmUser: user, repository } = manifest;
  return {
    version,
    published: typeof time === "string" && !Number.isNaN(Date.parse(time)) ? time : undefined,
    integrity: dist.integrity,
    signatures: dist.signatures,
    hasProvenance: dist.attestations?.provenance !== undefined,
    publisher: user?.name,
    trustedPublisher: user?.trustedPublisher?.id,
    repository,
  };
}
