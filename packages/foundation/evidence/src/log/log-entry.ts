import { createHash, type KeyObject, sign, verify } from "node:crypto";
import { envelopeToJSON } from "@sigstore/bundle";
import type { SignatureBundle } from "@sigstore/sign";
import { z } from "zod";
import { canonicalJson } from "../statement/canonical-json.ts";
import { logIdOf } from "./checkpoint.ts";

/** What the log keeps of one signature. */
export interface LogEntry {
  /** Kind of the body, as Rekor names it. */
  readonly kind: "dsse" | "hashedrekord";
  /** The canonical body: the leaf of the Merkle tree. */
  readonly body: Buffer;
}

/** One line of a log's file. */
export interface LogRecord {
  readonly logIndex: number;
  /** Seconds since 1970. */
  readonly integratedTime: number;
  /** The canonical body in base64. */
  readonly body: string;
  /** The log's signature over this record (SET), base64. */
  readonly signedEntryTimestamp: string;
}

/** Makes the canonical Rekor body (version 0.0.1) for the content of a bundle: `dsse`, or `hashedrekord`. */
export function createLogEntry(content: SignatureBundle, publicKeyPem: string): LogEntry {
  const verifier = Buffer.from(publicKeyPem).toString("base64");
  if (content.$case === "messageSignature") return hashedRekord(content.messageSignature, verifier);
  return dsse(content.dsseEnvelope, verifier);
}

/** Makes a record of an entry and signs it with the log's key. */
export function createLogRecord(
  entry: { body: Buffer; logIndex: number; integratedTime: number },
  key: { privateKey: KeyObject; publicKey: KeyObject },
): LogRecord {
  const unsigned = { ...entry, body: entry.body.toString("base64") };
  const set = sign("sha256", signedPart(unsigned, key.publicKey), key.privateKey);
  return { ...unsigned, signedEntryTimestamp: set.toString("base64") };
}

/** Whether a record carries the log's own signature. */
export function isSignedRecord(record: LogRecord, publicKey: KeyObject): boolean {
  return verify("sha256", signedPart(record, publicKey), publicKey, Buffer.from(record.signedEntryTimestamp, "base64"));
}

/** Shape of a line of a log's file. */
export const logRecordSchema: z.ZodType<LogRecord> = z.object({
  logIndex: z.int().nonnegative(),
  integratedTime: z.int().nonnegative(),
  body: z.base64().min(1),
  signedEntryTimestamp: z.base64().min(1),
});

/** The bytes that a signed entry timestamp is over, as Rekor has them. */
function signedPart(record: Omit<LogRecord, "signedEntryTimestamp">, publicKey: KeyObject): Buffer {
  const { body, integratedTime, logIndex } = record;
  return Buffer.from(canonicalJson({ body, integratedTime, logID: logIdOf(publicKey).toString("hex"), logIndex }));
}

function dsse(
  envelope: Extract<SignatureBundle, { $case: "dsseEnvelope" }>["dsseEnvelope"],
  verifier: string,
): LogEntry {
  const spec = {
    envelopeHash: sha256(Buffer.from(JSON.stringify(envelopeToJSON(envelope)))),
    payloadHash: sha256(envelope.payload),
    signatures: envelope.signatures.map(({ sig }) => ({ signature: sig.toString("base64"), verifier })),
  };
  return { kind: "dsse", body: Buffer.from(canonicalJson({ apiVersion: "0.0.1", kind: "dsse", spec })) };
}

function hashedRekord(
  message: Extract<SignatureBundle, { $case: "messageSignature" }>["messageSignature"],
  verifier: string,
): LogEntry {
  const spec = {
    data: { hash: { algorithm: "sha256", value: message.messageDigest.digest.toString("hex") } },
    signature: { content: message.signature.toString("base64"), publicKey: { content: verifier } },
  };
  return {
    kind: "hashedrekord",
    body: Buffer.from(canonicalJson({ apiVersion: "0.0.1", kind: "hashedrekord", spec })),
  };
}

function sha256(bytes: Uint8Array): { algorithm: "sha256"; value: string } {
  return { algorithm: "sha256", value: createHash("sha256").update(bytes).digest("hex") };
}
