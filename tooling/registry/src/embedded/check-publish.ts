import { createHash } from "node:crypto";
import { z } from "zod";
import { isPackageName, isVersion, tarballFileName } from "../client/package-path.ts";
import type { Attestation } from "../released-package.ts";
import { Refusal } from "./http.ts";

const attachmentSchema = z.object({ data: z.string(), content_type: z.string().optional() });
const publishSchema = z.looseObject({
  name: z.string(),
  versions: z.record(z.string(), z.looseObject({ name: z.string(), version: z.string(), dist: z.looseObject({}) })),
  "dist-tags": z.record(z.string(), z.string()),
  _attachments: z.record(z.string(), attachmentSchema),
});
const bundleSchema = z.looseObject({ dsseEnvelope: z.looseObject({ payload: z.string() }) });
const statementSchema = z.looseObject({
  predicateType: z.string(),
  subject: z.array(z.looseObject({ digest: z.record(z.string(), z.string()) })).min(1),
});

/** A publish that holds together: one version, its tarball, its attestations. */
export interface CheckedPublish {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly attestations: readonly Attestation[];
  /** Bytes on disk that it needs, at most. */
  readonly size: number;
  /** The document without its attestations, whose only attachment is named as verdaccio stores it. */
  readonly document: object;
}

/**
 * Checks the document of `npm publish`: one version, one tarball whose bytes match `dist.integrity` and `dist.shasum`,
 * tags that point to that version, attestations that are about those bytes. Anything else: 400.
 */
export function checkPublish(name: string, body: unknown): CheckedPublish {
  const parsed = publishSchema.safeParse(body);
  if (!parsed.success) throw new Refusal(400, `Not a publish document: ${z.prettifyError(parsed.error)}`);
  const { _attachments: attachments, ...document } = parsed.data;
  const [entry, ...others] = Object.entries(document.versions);
  if (entry === undefined || others.length > 0) throw new Refusal(400, "A publish holds one version");
  const [version, manifest] = entry;
  if (!isPackageName(name) || [document.name, manifest.name].some((other) => other !== name)) {
    throw new Refusal(400, `The document is about ${document.name} and not ${name}, or that is no package name`);
  }
  if (!isVersion(version) || manifest.version !== version) throw new Refusal(400, `Not a version: ${version}`);
  const strayTag = Object.entries(document["dist-tags"]).find(([, target]) => target !== version);
  if (strayTag !== undefined) throw new Refusal(400, `The tag ${strayTag[0]} points to another version`);
  const { tarball, data, bundles } = splitAttachments(attachments);
  const integrity = checkDigests(tarball, manifest.dist);
  const file = tarballFileName({ name, version });
  const attachment = { content_type: "application/octet-stream", data, length: tarball.length };
  return {
    name,
    version,
    integrity,
    tags: document["dist-tags"],
    attestations: bundles.map((bundle) => readAttestation(bundle, tarball)),
    size: tarball.length + JSON.stringify(manifest).length + bundles.reduce((sum, { length }) => sum + length, 0),
    document: {
      ...document,
      versions: {
        [version]: { ...manifest, dist: { ...manifest.dist, tarball: `http://localhost/${name}/-/${file}` } },
      },
      _attachments: { [file]: attachment },
    },
  };
}

function splitAttachments(attachments: Record<string, { data: string }>) {
  const entries = Object.entries(attachments);
  const tarballs = entries.filter(([file]) => file.endsWith(".tgz"));
  const bundles = entries.filter(([file]) => file.endsWith(".sigstore"));
  const [tarball] = tarballs;
  if (tarball === undefined || tarballs.length + bundles.length !== entries.length || tarballs.length > 1) {
    throw new Refusal(400, "A publish has one .tgz attachment, and beside it only .sigstore ones");
  }
  const { data } = tarball[1];
  return { tarball: Buffer.from(data, "base64"), data, bundles: bundles.map(([, bundle]) => bundle.data) };
}

function checkDigests(tarball: Buffer, dist: Readonly<Record<string, unknown>>): string {
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  const shasum = createHash("sha1").update(tarball).digest("hex");
  if (dist["integrity"] !== integrity) {
    throw new Refusal(400, `dist.integrity is ${JSON.stringify(dist["integrity"])}, the tarball's is ${integrity}`);
  }
  if (dist["shasum"] !== undefined && dist["shasum"] !== shasum) {
    throw new Refusal(400, `dist.shasum is ${JSON.stringify(dist["shasum"])}, the tarball's is ${shasum}`);
  }
  return integrity;
}

function readAttestation(data: string, tarball: Buffer): Attestation {
  const sha512 = createHash("sha512").update(tarball).digest("hex");
  try {
    const bundle = bundleSchema.parse(JSON.parse(data));
    const payload: unknown = JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, "base64").toString("utf8"));
    const { predicateType, subject } = statementSchema.parse(payload);
    if (subject.some(({ digest }) => digest["sha512"] === sha512)) return { predicateType, bundle };
  } catch {
    throw new Refusal(400, "A .sigstore attachment is not a sigstore bundle around an in-toto statement");
  }
  throw new Refusal(400, "An attestation is about other bytes than the tarball's");
}
