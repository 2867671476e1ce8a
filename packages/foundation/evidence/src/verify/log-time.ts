import { createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { HxpError } from "@hxp/errors";
import type { SignedEntity, Signer } from "@sigstore/verify";

/** When, and where in its log, a verified signature was logged. Only entries with a signed timestamp (SET) have a time. */
export function readLogTime({ tlogEntries }: SignedEntity): { loggedAt: Date; logIndex: number } {
  const entry = tlogEntries.find(
    ({ inclusionPromise, integratedTime }) => inclusionPromise && Number(integratedTime) > 0,
  );
  if (entry === undefined) throw new HxpError("LOG_ENTRY_REFUSED", "no log entry of the bundle has a signed timestamp");
  return { loggedAt: new Date(Number(entry.integratedTime) * 1000), logIndex: Number(entry.logIndex) };
}

/**
 * Refuses an entry that was logged in the name of another key, where the key's owner would not look for it, and entries
 * of other kinds than `dsse` 0.0.1, whose key is not read here.
 */
export function checkLoggedKey({ tlogEntries }: SignedEntity, { key }: Signer): void {
  for (const { kindVersion, canonicalizedBody } of tlogEntries) {
    const { kind, version } = kindVersion;
    if (kind !== "dsse" || version !== "0.0.1") {
      throw new HxpError("LOG_ENTRY_REFUSED", `the log entry is of the kind ${kind} ${version}, expected dsse 0.0.1`);
    }
    const logged = readLoggedKey(canonicalizedBody);
    if (logged?.equals(key) !== true) {
      throw new HxpError("LOG_ENTRY_REFUSED", "the log entry names another key than the one that signed");
    }
  }
}

function readLoggedKey(body: Buffer): KeyObject | undefined {
  try {
    const entry = JSON.parse(body.toString("utf8")) as { spec: { signatures: { verifier: string }[] } };
    const pem = Buffer.from(entry.spec.signatures[0]?.verifier ?? "", "base64").toString("utf8");
    return pem.includes("BEGIN CERTIFICATE") ? new X509Certificate(pem).publicKey : createPublicKey(pem);
  } catch {
    return undefined;
  }
}
