import type { TrustedLog } from "../evidence/release-schemas.ts";
import { type Bytes, digest, encodeText, equalBytes, fromBase64 } from "./bytes.ts";
import { readPublicKey } from "./public-key.ts";

/** The state of a log that its key has signed. */
export interface VerifiedCheckpoint {
  origin: string;
  size: number;
  root: Bytes;
}

/** Reads a signed checkpoint (C2SP tlog-checkpoint) and verifies it by the key of one log; throws an Error that says why not. */
export async function verifyCheckpoint(text: string, log: TrustedLog): Promise<VerifiedCheckpoint> {
  const { note, checkpoint, signatures } = parseNote(text);
  const { origin } = checkpoint;
  if (origin === "" || !log.baseUrl.includes(origin)) throw new Error(`the checkpoint is of another log, ${origin}`);
  const key = fromBase64(log.publicKey.rawBytes);
  const isSigned = await readPublicKey(key);
  const hint = (await digest("SHA-256", key)).slice(0, 4);
  for (const { name, bytes } of signatures) {
    if (name !== origin || !equalBytes(bytes.slice(0, 4), hint)) continue;
    if (await isSigned(bytes.slice(4), encodeText(note))) return checkpoint;
  }
  throw new Error("the checkpoint is not signed by the log's key");
}

interface SignedNote {
  note: string;
  checkpoint: VerifiedCheckpoint;
  /** The first four bytes name the key. */
  signatures: { name: string; bytes: Bytes }[];
}

function parseNote(text: string): SignedNote {
  const end = text.length > 16_384 ? -1 : text.indexOf("\n\n");
  if (end === -1) throw new Error("the checkpoint is not a signed note");
  const note = text.slice(0, end + 1);
  const [origin = "", size = "", root = ""] = note.split("\n");
  if (!/^(0|[1-9]\d{0,15})$/.test(size) || !/^[A-Za-z0-9+/]{43}=$/.test(root)) {
    throw new Error("the checkpoint names no size and root");
  }
  const lines = text.slice(end + 2).split("\n");
  const signatures = lines.flatMap((line) => {
    const [, name, encoded] = /^\u2014 (\S+) ([A-Za-z0-9+/]+={0,2})$/.exec(line) ?? [];
    return name === undefined || encoded === undefined ? [] : [{ name, bytes: fromBase64(encoded) }];
  });
  return { note, checkpoint: { origin, size: Number(size), root: fromBase64(root) }, signatures };
}
