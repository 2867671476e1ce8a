import { createHash, type KeyObject, sign, verify } from "node:crypto";
import { HxpError } from "@hxp/errors";

/** The state of a log that its key has signed. */
export interface Checkpoint {
  /** Name of the log: a host name. */
  readonly origin: string;
  /** Number of entries. */
  readonly size: number;
  readonly root: Buffer;
}

const maximumLength = 16 * 1024;
const originPattern = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;
const signaturePattern = /^\u2014 (\S+) ([A-Za-z0-9+/]+={0,2})$/;

/** Signs a checkpoint as a note (https://github.com/C2SP/C2SP/blob/main/tlog-checkpoint.md) with an ECDSA P-256 key. */
export function signCheckpoint(checkpoint: Checkpoint, key: { privateKey: KeyObject; publicKey: KeyObject }): string {
  const { origin, size, root } = checkpoint;
  const note = `${requireOrigin(origin)}\n${size}\n${root.toString("base64")}\n`;
  const signature = sign("sha256", Buffer.from(note), key.privateKey);
  const line = Buffer.concat([logIdOf(key.publicKey).subarray(0, 4), signature]).toString("base64");
  return `${note}\n\u2014 ${origin} ${line}\n`;
}

/**
 * Reads a signed checkpoint and verifies it with the log's public key; one that is malformed, of another log, or not
 * signed by this key throws LOG_ENTRY_REFUSED.
 */
export function openCheckpoint(text: string, log: { publicKey: KeyObject; origin?: string | undefined }): Checkpoint {
  const { note, checkpoint, signatures } = parseNote(text);
  if (log.origin !== undefined && checkpoint.origin !== log.origin) {
    throw refuse(`it is of the log ${checkpoint.origin}, expected ${log.origin}`);
  }
  const hint = logIdOf(log.publicKey).subarray(0, 4);
  const isSigned = signatures.some(
    ({ name, bytes }) =>
      name === checkpoint.origin &&
      bytes.subarray(0, 4).equals(hint) &&
      verify("sha256", Buffer.from(note), log.publicKey, bytes.subarray(4)),
  );
  if (!isSigned) throw refuse(`it is not signed by the key of ${checkpoint.origin}`);
  return checkpoint;
}

/** Id of a log: SHA-256 of its public key in DER (RFC 6962, 3.2). */
export function logIdOf(publicKey: KeyObject): Buffer {
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest();
}

/** Checks the name of a log: a host name, so that `https://<origin>` can stand for it in a trust root. */
export function requireOrigin(origin: string): string {
  if (originPattern.test(origin)) return origin;
  throw new HxpError("USAGE_INVALID", `the log origin ${JSON.stringify(origin)} is not a lower-case host name`);
}

function parseNote(text: string): { note: string; checkpoint: Checkpoint; signatures: NoteSignature[] } {
  const end = text.length > maximumLength ? -1 : text.indexOf("\n\n");
  if (end === -1) throw refuse("it is not a signed note");
  const note = text.slice(0, end + 1);
  const [origin = "", size = "", root = ""] = note.split("\n");
  if (!originPattern.test(origin)) throw refuse("its first line is not the name of a log");
  if (!/^(0|[1-9]\d{0,15})$/.test(size)) throw refuse("its second line is not a number of entries");
  if (!/^[A-Za-z0-9+/]{43}=$/.test(root)) throw refuse("its third line is not a SHA-256 in base64");
  const checkpoint = { origin, size: Number(size), root: Buffer.from(root, "base64") };
  return {
    note,
    checkpoint,
    signatures: text
      .slice(end + 2)
      .split("\n")
      .flatMap(parseSignature),
  };
}

interface NoteSignature {
  name: string;
  /** Key hint (4 bytes) and signature. */
  bytes: Buffer;
}

function parseSignature(line: string): NoteSignature[] {
  const [, name, bytes] = signaturePattern.exec(line) ?? [];
  return name === undefined || bytes === undefined ? [] : [{ name, bytes: Buffer.from(bytes, "base64") }];
}

function refuse(reason: string): HxpError {
  return new HxpError("LOG_ENTRY_REFUSED", `the checkpoint is refused: ${reason}`);
}
