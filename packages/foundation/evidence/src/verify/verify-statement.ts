import { HxpError, isHxpError } from "@hxp/errors";
import type { SerializedBundle } from "@sigstore/bundle";
import { type Signer, VerificationError } from "@sigstore/verify";
import { parseStatement, type Statement } from "../statement/statement.ts";
import type { Trust } from "../trust/trust.ts";
import { checkIdentity, type IdentityPolicy, identifySigner, type SignedBy } from "./identity.ts";
import { checkLoggedKey, readLogTime } from "./log-time.ts";
import { readBundle } from "./read-bundle.ts";
import { checkSubjects, type ExpectedSubject } from "./subjects.ts";
import { prepareTrust } from "./verification-material.ts";

/** What a bundle is verified against. */
export interface VerifyStatementOptions {
  trust: Trust;
  /** What the statement must be about, by bytes or digest: at least one, or `any` where the caller looks itself. */
  subjects: readonly ExpectedSubject[] | "any";
  /** The predicate type that the statement must have, or `any` where the caller looks itself. */
  predicateType: string;
  /** Who must have signed. Without it any statement key of the trust may have; a certificate always needs it. */
  identity?: IdentityPolicy;
  /** Log entries from after this time are refused, but for 5 minutes of clock difference; default: now. */
  now?: Date;
}

/** A statement whose signature, log entry, key, subjects and signer have been checked. */
export interface VerifiedStatement {
  readonly statement: Statement<Readonly<Record<string, unknown>>>;
  readonly signedBy: SignedBy;
  /** When the signature entered the log. */
  readonly loggedAt: Date;
  readonly logIndex: number;
}

const toleratedClockDifferenceMs = 5 * 60 * 1000;

/**
 * Verifies a bundle (data or JSON text), with no network: signature, log entry with promise, proof and checkpoint,
 * certificate or key, then what the stock verifier leaves to its caller: that the key counted at log time, that the
 * entry names the key, who signed, the predicate type, and the subjects' digests against the bytes. Throws USAGE_INVALID
 * for an empty list of subjects: it would pass whatever the statement is about.
 */
export function verifyStatement(
  input: SerializedBundle | string,
  { trust, subjects, predicateType, identity, now = new Date() }: VerifyStatementOptions,
): VerifiedStatement {
  if (subjects.length === 0) throw new HxpError("USAGE_INVALID", 'no subject was asked for; say "any" for any');
  const { verifier, keys } = prepareTrust(trust);
  const { bundle, entity } = readBundle(input);
  const signer = runVerifier(() => verifier.verify(entity));
  const { loggedAt, logIndex } = readLogTime(entity);
  if (loggedAt.getTime() > now.getTime() + toleratedClockDifferenceMs) {
    throw new HxpError("LOG_ENTRY_REFUSED", `the log entry is of ${loggedAt.toISOString()}, which is yet to come`);
  }
  checkLoggedKey(entity, signer);
  const signedBy = identifySigner({ entity, signer, keys, loggedAt });
  checkIdentity(signedBy, identity);
  const statement = parseStatement(bundle.content.dsseEnvelope.payload);
  if (predicateType !== "any" && statement.predicateType !== predicateType) {
    throw new HxpError("PREDICATE_REFUSED", `the statement is a ${statement.predicateType}, expected ${predicateType}`);
  }
  if (subjects !== "any") checkSubjects(statement, subjects);
  return { statement, signedBy, loggedAt, logIndex };
}

type RefusalCode = "KEY_NOT_VALID" | "CERTIFICATE_REFUSED" | "SIGNATURE_REFUSED" | "LOG_ENTRY_REFUSED";

const refusalCodes: Readonly<Partial<Record<VerificationError["code"], RefusalCode>>> = {
  PUBLIC_KEY_ERROR: "KEY_NOT_VALID",
  CERTIFICATE_ERROR: "CERTIFICATE_REFUSED",
  SIGNATURE_ERROR: "SIGNATURE_REFUSED",
};

function runVerifier(verify: () => Signer): Signer {
  try {
    return verify();
  } catch (error) {
    if (isHxpError(error)) throw error;
    if (error instanceof VerificationError) {
      throw new HxpError(refusalCodes[error.code] ?? "LOG_ENTRY_REFUSED", error.message, { cause: error });
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new HxpError("BUNDLE_INVALID", `the bundle cannot be verified: ${reason}`, { cause: error });
  }
}
