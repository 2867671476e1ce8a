import { HxpError } from "@hxp/errors";
import { bundleFromJSON, type BundleWithDsseEnvelope, isBundleWithDsseEnvelope } from "@sigstore/bundle";
import { type SignedEntity, toSignedEntity } from "@sigstore/verify";
import { statementPayloadType } from "../statement/statement.ts";

/** A bundle around a statement, read but not verified. */
export interface ReadBundle {
  readonly bundle: BundleWithDsseEnvelope;
  readonly entity: SignedEntity;
}

const maximumLength = 64 * 1024 * 1024;
const maximumEntries = 8;
const maximumHashes = 64;

/**
 * Reads a bundle from JSON text or data. Throws BUNDLE_INVALID for what is not a bundle around an in-toto statement, is
 * too large, or has a log entry without promise, proof or checkpoint, whatever version the bundle says it is of.
 */
export function readBundle(input: unknown): ReadBundle {
  const bundle = toBundle(typeof input === "string" ? parseText(input) : input);
  if (!isBundleWithDsseEnvelope(bundle)) throw refuse("it has no DSSE envelope");
  const { payloadType } = bundle.content.dsseEnvelope;
  if (payloadType !== statementPayloadType)
    throw refuse(`its payload is ${payloadType}, expected ${statementPayloadType}`);
  const { tlogEntries } = bundle.verificationMaterial;
  if (tlogEntries.length > maximumEntries) throw refuse(`it has ${tlogEntries.length} log entries`);
  if (tlogEntries.some(({ inclusionProof }) => (inclusionProof?.hashes.length ?? 0) > maximumHashes)) {
    throw refuse(`an inclusion proof in it has over ${maximumHashes} hashes`);
  }
  // Bundles of version 0.1 may come with a promise alone, and the stock verifier takes them at their word.
  if (tlogEntries.some(({ inclusionPromise, inclusionProof }) => !inclusionPromise || !inclusionProof?.checkpoint)) {
    throw refuse("a log entry in it lacks its promise, its inclusion proof or the proof's checkpoint");
  }
  return { bundle, entity: toEntity(bundle) };
}

function parseText(text: string): unknown {
  if (text.length > maximumLength) throw refuse(`it has ${text.length} characters, expected ≤ ${maximumLength}`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refuse("it is not JSON", cause);
  }
}

function toBundle(value: unknown): ReturnType<typeof bundleFromJSON> {
  if (typeof value !== "object" || value === null) throw refuse("it is not an object");
  try {
    return bundleFromJSON(value);
  } catch (cause) {
    throw refuse(reasonOf(cause), cause);
  }
}

/** Parses certificate and timestamps, which comes to grief on what their parsers do not take. */
function toEntity(bundle: BundleWithDsseEnvelope): SignedEntity {
  try {
    return toSignedEntity(bundle);
  } catch (cause) {
    throw refuse(reasonOf(cause), cause);
  }
}

function refuse(reason: string, cause?: unknown): HxpError {
  return new HxpError("BUNDLE_INVALID", `the bundle is refused: ${reason}`, { cause });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
