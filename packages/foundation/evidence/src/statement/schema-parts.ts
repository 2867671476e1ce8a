import { z } from "zod";

const digestLengths: Readonly<Record<string, readonly number[]>> = {
  sha256: [64],
  sha384: [96],
  sha512: [128],
  sha1: [40],
  gitCommit: [40, 64],
};

/** A URI of any scheme (RFC 3986), such as a package URL. */
export const uriSchema = z
  .string()
  .max(4096)
  .regex(/^[A-Za-z][A-Za-z0-9+.-]*:\S+$/, "expected a URI with a scheme");

/** An RFC 3339 timestamp with a time zone. */
export const timestampSchema = z.iso.datetime({ offset: true, error: "expected an RFC 3339 timestamp" });

/** An in-toto DigestSet: algorithm to digest; those of known algorithms are lower-case hex of the right length. */
export const digestSetSchema = z
  .record(z.string().min(1).max(64), z.string().min(1).max(512))
  .refine((digests) => Object.keys(digests).length > 0, "expected at least one digest")
  .superRefine((digests, context) => {
    for (const [algorithm, digest] of Object.entries(digests)) {
      if (!isPlausibleDigest(algorithm, digest)) {
        context.addIssue({ code: "custom", path: [algorithm], message: "expected a digest in lower-case hex" });
      }
    }
  });

/** An in-toto ResourceDescriptor: at least one of `uri`, `digest` and `content`. */
export const resourceDescriptorSchema = z
  .object({
    name: z.string().max(4096).optional(),
    uri: uriSchema.optional(),
    digest: digestSetSchema.optional(),
    content: z.base64().optional(),
    downloadLocation: uriSchema.optional(),
    mediaType: z.string().max(256).optional(),
    annotations: z.record(z.string(), z.unknown()).optional(),
  })
  .refine(
    ({ uri, digest, content }) => uri !== undefined || digest !== undefined || content !== undefined,
    "expected one of uri, digest and content",
  );

/** Any JSON object. */
export const jsonObjectSchema = z.record(z.string(), z.unknown());

/** The name of an npm package. */
export const packageNameSchema = z
  .string()
  .max(214)
  .regex(/^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/, "expected the name of an npm package");

/** An exact version by SemVer 2. */
export const versionSchema = z
  .string()
  .max(256)
  .regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/, "expected an exact version");

/** A dist-tag of a registry. */
export const tagSchema = z
  .string()
  .max(128)
  .regex(/^[A-Za-z][A-Za-z0-9._-]*$/, "expected a dist-tag");

/** The digests of a tarball; SHA-512 is the one that registries and consumers compare. */
export const tarballDigestSchema = z.object({
  sha512: z.string().regex(/^[0-9a-f]{128}$/, "expected a SHA-512 digest in lower-case hex"),
});

/** One change of a dist-tag: where it pointed (null: nowhere) and where it is to point. */
export const tagChangeSchema = z.object({
  tag: tagSchema,
  from: versionSchema.nullable(),
  to: versionSchema.nullable(),
});

/** A digest set of an in-toto statement. */
export type DigestSet = Readonly<Record<string, string>>;
/** An in-toto ResourceDescriptor. */
export type ResourceDescriptor = DeepReadonly<z.infer<typeof resourceDescriptorSchema>>;

/** Data that is not to be changed, at any depth. */
export type DeepReadonly<T> = T extends readonly (infer Element)[]
  ? readonly DeepReadonly<Element>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

function isPlausibleDigest(algorithm: string, digest: string): boolean {
  const lengths = Object.hasOwn(digestLengths, algorithm) ? digestLengths[algorithm] : undefined;
  return lengths === undefined || (lengths.includes(digest.length) && /^[0-9a-f]+$/.test(digest));
}
