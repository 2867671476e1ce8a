// The small form of zod: this is read in browsers, too.
import * as z from "zod/mini";
import { type Bytes, fromBase64 } from "./bytes.ts";

const bytes = z.pipe(
  z.string(),
  z.transform((text, context): Bytes => {
    try {
      return fromBase64(text);
    } catch {
      context.issues.push({ code: "custom", message: "expected base64", input: text });
      return z.NEVER;
    }
  }),
);
// In protobuf's JSON form a number of 64 bits is a string, and zero is left out.
const digits = z.union([z.string().check(z.regex(/^\d{1,15}$/)), z.int().check(z.nonnegative())]);
const integer = z.pipe(
  z.optional(digits),
  z.transform((value) => Number(value ?? 0)),
);

const entrySchema = z.looseObject({
  logIndex: integer,
  logId: z.looseObject({ keyId: bytes }),
  kindVersion: z.looseObject({ kind: z.string(), version: z.string() }),
  integratedTime: integer,
  inclusionPromise: z.looseObject({ signedEntryTimestamp: bytes }),
  inclusionProof: z.looseObject({
    logIndex: integer,
    treeSize: integer,
    hashes: z.optional(z.array(bytes).check(z.maxLength(64))),
    checkpoint: z.looseObject({ envelope: z.string() }),
  }),
  canonicalizedBody: bytes,
});

const mediaType = /^application\/vnd\.dev\.sigstore\.bundle(\+json;version=0\.[123]|\.v0\.[3-9]\+json)$/;

const bundleSchema = z.looseObject({
  mediaType: z.string().check(z.regex(mediaType)),
  verificationMaterial: z.looseObject({
    publicKey: z.optional(z.looseObject({ hint: z.string() })),
    certificate: z.optional(z.unknown()),
    x509CertificateChain: z.optional(z.unknown()),
    tlogEntries: z.array(entrySchema).check(z.minLength(1), z.maxLength(8)),
  }),
  dsseEnvelope: z.looseObject({
    payload: bytes,
    payloadType: z.string(),
    signatures: z.array(z.looseObject({ sig: bytes })).check(z.length(1)),
  }),
  messageSignature: z.optional(z.undefined()),
});

const digestSet = z.record(
  z.string().check(z.minLength(1), z.maxLength(64)),
  z.string().check(z.minLength(1), z.maxLength(512)),
);

const statementSchema = z.looseObject({
  _type: z.literal("https://in-toto.io/Statement/v1"),
  subject: z
    .array(z.looseObject({ name: z.optional(z.string().check(z.maxLength(4096))), digest: digestSet }))
    .check(z.minLength(1), z.maxLength(10_000)),
  predicateType: z.string().check(z.regex(/^[A-Za-z][A-Za-z0-9+.-]*:\S+$/)),
  predicate: z.record(z.string(), z.unknown()),
});

/** A sigstore bundle around an in-toto statement, bytes decoded. */
export type Bundle = z.output<typeof bundleSchema>;
/** One entry of a transparency log, as a bundle carries it. */
export type LogEntry = z.output<typeof entrySchema>;
/** An in-toto statement v1. */
export type Statement = z.output<typeof statementSchema>;

/** Reads a bundle; throws an Error that says what is wrong with it. */
export function readBundle(text: string): Bundle {
  return read(text, bundleSchema, "the bundle");
}

/** Reads the statement in a bundle's payload; throws an Error that says what is wrong with it. */
export function readStatement(payload: Bytes): Statement {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload);
  return read(text, statementSchema, "the statement");
}

function read<Shape>(text: string, schema: z.ZodMiniType<Shape>, what: string): Shape {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${what} is not JSON`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Error(`${what} does not read at ${issue?.path.join(".") || "its top"}: ${issue?.message ?? ""}`);
}
