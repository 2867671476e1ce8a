import * as z from "zod/mini";
import type { TrustedLog } from "../evidence/release-schemas.ts";
import { type Bytes, digest, encodeText, equalBytes, fromBase64, fromHex, toBase64, toHex } from "./bytes.ts";
import { verifyCheckpoint } from "./checkpoint.ts";
import { verifyMerkleProof } from "./merkle-proof.ts";
import { readPublicKey } from "./public-key.ts";
import type { LogEntry } from "./read-bundle.ts";

const bodySchema = z.looseObject({
  apiVersion: z.literal("0.0.1"),
  kind: z.literal("dsse"),
  spec: z.looseObject({
    payloadHash: z.looseObject({ value: z.string() }),
    signatures: z.array(z.looseObject({ signature: z.string(), verifier: z.string() })).check(z.length(1)),
  }),
});

/** What an entry must be about. */
export interface LoggedSignature {
  payload: Bytes;
  signature: Bytes;
  /** SubjectPublicKeyInfo, DER. */
  key: Bytes;
  logs: readonly TrustedLog[];
}

/** Verifies an entry: its log is trusted and has signed promise and checkpoint, it is included, and it is about this signature. */
export async function verifyLogEntry(entry: LogEntry, signed: LoggedSignature): Promise<void> {
  const log = findLog(entry, signed.logs);
  await checkPromise(entry, log);
  const { size, root } = await verifyCheckpoint(entry.inclusionProof.checkpoint.envelope, log);
  const { logIndex: index, hashes = [] } = entry.inclusionProof;
  if (!(await verifyMerkleProof({ index, size, hashes }, entry.canonicalizedBody, root))) {
    throw new Error("the inclusion proof does not lead to the root that the log has signed");
  }
  await checkBody(entry, signed);
}

function findLog({ logId, integratedTime }: LogEntry, logs: readonly TrustedLog[]): TrustedLog {
  const name = toBase64(logId.keyId);
  const log = logs.find((candidate) => candidate.logId.keyId === name);
  if (log === undefined) throw new Error(`the trust has no log ${name}`);
  const { start, end } = log.publicKey.validFor ?? {};
  const time = integratedTime * 1000;
  if ((start !== undefined && time < Date.parse(start)) || (end !== undefined && time > Date.parse(end))) {
    throw new Error("the log's key did not count at the time of the entry");
  }
  return log;
}

/** The signed entry timestamp, over the entry as Rekor writes it: JSON with sorted keys and no white space. */
async function checkPromise(entry: LogEntry, log: TrustedLog): Promise<void> {
  const { canonicalizedBody, integratedTime, logIndex, logId, inclusionPromise } = entry;
  const promised = `{"body":${JSON.stringify(toBase64(canonicalizedBody))},"integratedTime":${integratedTime},"logID":"${toHex(logId.keyId)}","logIndex":${logIndex}}`;
  const isSigned = await readPublicKey(fromBase64(log.publicKey.rawBytes));
  if (!(await isSigned(inclusionPromise.signedEntryTimestamp, encodeText(promised)))) {
    throw new Error("the log's promise of this entry is not signed by its key");
  }
}

async function checkBody({ kindVersion, canonicalizedBody }: LogEntry, signed: LoggedSignature): Promise<void> {
  const body = bodySchema.safeParse(parse(canonicalizedBody));
  if (kindVersion.kind !== "dsse" || kindVersion.version !== "0.0.1" || !body.success) {
    throw new Error("the entry is not of the kind dsse 0.0.1");
  }
  const { payloadHash, signatures } = body.data.spec;
  if (!equalBytes(fromHex(payloadHash.value), await digest("SHA-256", signed.payload))) {
    throw new Error("the entry is about another statement");
  }
  const [logged] = signatures;
  if (!equalBytes(fromBase64(logged?.signature ?? ""), signed.signature)) {
    throw new Error("the entry is about another signature");
  }
  if (!equalBytes(fromPem(logged?.verifier ?? ""), signed.key)) throw new Error("the entry names another key");
}

function parse(bytes: Bytes): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** A key in PEM, in base64. */
function fromPem(encoded: string): Bytes {
  const pem = new TextDecoder().decode(fromBase64(encoded));
  const [, body = ""] = /^-----BEGIN PUBLIC KEY-----\n([A-Za-z0-9+/=\n]+)-----END PUBLIC KEY-----\n?$/.exec(pem) ?? [];
  return fromBase64(body.replaceAll("\n", ""));
}
