import type { TrustedKey, TrustedLog } from "../evidence/release-schemas.ts";
import { concatBytes, digest, encodeText, equalBytes, fromBase64, toBase64 } from "./bytes.ts";
import { readPublicKey } from "./public-key.ts";
import { type Bundle, readBundle, readStatement, type Statement } from "./read-bundle.ts";
import { verifyLogEntry } from "./verify-log-entry.ts";

/** Keys and logs that signatures are verified with. */
export interface VerifierTrust {
  keys: readonly TrustedKey[];
  logs: readonly TrustedLog[];
}

/** One thing that was looked at, in the order in which it was. */
interface VerificationStep {
  check: string;
  verdict: "passed" | "failed" | "not-run";
  /** What is known now, or why not. */
  says: string;
}

/** What is known of a bundle. Only `passed` vouches for the statement. */
export interface BundleVerification {
  verdict: "passed" | "failed" | "not-run";
  steps: VerificationStep[];
  /** Present when the bundle passed. */
  statement?: Statement;
  key?: TrustedKey;
  logIndex?: number;
  /** ISO 8601. */
  loggedAt?: string;
}

const payloadType = "application/vnd.in-toto+json";
const toleratedClockDifferenceMs = 5 * 60 * 1000;

/**
 * Verifies a bundle by Web Crypto alone: the key, its signature over the statement, the log's promise, the inclusion
 * proof against the log's signed checkpoint, what the entry says, and that the key counted when it was logged. A step
 * that fails ends it. Certificates are not verified here: such a bundle is `not-run`.
 */
export async function verifyBundle(
  text: string,
  { keys, logs }: VerifierTrust,
  now: Date = new Date(),
): Promise<BundleVerification> {
  const steps: VerificationStep[] = [];
  const step = async <Result>(check: string, run: () => Promise<[Result, string]>): Promise<Result> => {
    try {
      const [result, says] = await run();
      steps.push({ check, verdict: "passed", says });
      return result;
    } catch (error) {
      steps.push({ check, verdict: "failed", says: error instanceof Error ? error.message : String(error) });
      throw new StepFailure();
    }
  };
  try {
    const bundle = await step("Form", async () => [readBundle(text), "a sigstore bundle around one signature"]);
    if (bundle.verificationMaterial.publicKey === undefined) {
      steps.push({ check: "Key", verdict: "not-run", says: "signed with a certificate, which is not verified here" });
      return { verdict: "not-run", steps };
    }
    const key = await step("Key", () => findKey(bundle, keys));
    await step("Signature", () => checkSignature(bundle, key));
    const entries = await step("Log entry", () => checkEntries(bundle, { key, logs }));
    const loggedAt = await step("Key validity", async () => checkValidity(key, entries.loggedAt, now));
    const { payload } = bundle.dsseEnvelope;
    const statement = await step("Statement", async () => describeStatement(readStatement(payload)));
    return { verdict: "passed", steps, statement, key, logIndex: entries.logIndex, loggedAt: loggedAt.toISOString() };
  } catch (error) {
    if (error instanceof StepFailure) return { verdict: "failed", steps };
    throw error;
  }
}

/** The step that failed has said why. */
class StepFailure extends Error {}

async function findKey(bundle: Bundle, keys: readonly TrustedKey[]): Promise<[TrustedKey, string]> {
  const { certificate, x509CertificateChain, publicKey } = bundle.verificationMaterial;
  if (certificate !== undefined || x509CertificateChain !== undefined) throw new Error("a key and a certificate");
  const hint = publicKey?.hint ?? "";
  const key = keys.find((candidate) => candidate.hint === hint);
  if (key === undefined) throw new Error(`the trust has no key ${hint}`);
  if (toBase64(await digest("SHA-256", fromBase64(key.publicKey))) !== key.hint) {
    throw new Error(`the key ${key.name} is not the one that its fingerprint names`);
  }
  if (!key.purposes.includes("statement")) throw new Error(`the key ${key.name} may not sign statements`);
  return [key, `${key.name}, SHA-256 ${key.hint}`];
}

async function checkSignature({ dsseEnvelope }: Bundle, key: TrustedKey): Promise<[void, string]> {
  if (dsseEnvelope.payloadType !== payloadType) throw new Error(`the payload is ${dsseEnvelope.payloadType}`);
  const type = encodeText(dsseEnvelope.payloadType);
  const { payload, signatures } = dsseEnvelope;
  const head = encodeText(`DSSEv1 ${type.length} ${dsseEnvelope.payloadType} ${payload.length} `);
  const isSigned = await readPublicKey(fromBase64(key.publicKey));
  const signature = signatures[0]?.sig ?? new Uint8Array();
  if (!(await isSigned(signature, concatBytes(head, payload)))) {
    throw new Error(`the signature is not one of ${key.name} over this statement`);
  }
  return [undefined, `by ${key.name} over ${payload.length} bytes (DSSE)`];
}

interface LoggedIn {
  loggedAt: Date;
  logIndex: number;
}

async function checkEntries(
  { verificationMaterial, dsseEnvelope }: Bundle,
  { key, logs }: { key: TrustedKey; logs: readonly TrustedLog[] },
): Promise<[LoggedIn, string]> {
  const { tlogEntries } = verificationMaterial;
  const bodies = tlogEntries.map(({ canonicalizedBody }) => canonicalizedBody);
  if (bodies.some((body, index) => bodies.slice(0, index).some((earlier) => equalBytes(earlier, body)))) {
    throw new Error("a log entry is there twice");
  }
  const signed = { payload: dsseEnvelope.payload, signature: dsseEnvelope.signatures[0]?.sig ?? new Uint8Array() };
  for (const entry of tlogEntries) await verifyLogEntry(entry, { ...signed, key: fromBase64(key.publicKey), logs });
  const entry = tlogEntries.find(({ integratedTime }) => integratedTime > 0);
  if (entry === undefined) throw new Error("no log entry has a time");
  const { logIndex, integratedTime, inclusionProof } = entry;
  const says = `number ${logIndex} of ${inclusionProof.treeSize}, promised, included and signed by the log`;
  return [{ loggedAt: new Date(integratedTime * 1000), logIndex }, says];
}

function checkValidity(key: TrustedKey, loggedAt: Date, now: Date): [Date, string] {
  const { start, end } = key.validFor;
  const time = loggedAt.getTime();
  if (time > now.getTime() + toleratedClockDifferenceMs)
    throw new Error(`logged in the future, ${loggedAt.toISOString()}`);
  const isValid = start !== undefined && Date.parse(start) <= time && (end === undefined || time <= Date.parse(end));
  if (!isValid) throw new Error(`${key.name} signed at ${loggedAt.toISOString()}, trusted ${start} to ${end ?? "now"}`);
  return [loggedAt, `logged ${loggedAt.toISOString()}, key trusted from ${start} to ${end ?? "now"}`];
}

function describeStatement(statement: Statement): [Statement, string] {
  return [statement, `about ${statement.subject.length} subjects`];
}
