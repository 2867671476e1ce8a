import { HxpError } from "@hxp/errors";
import type { SignedEntity, Signer } from "@sigstore/verify";
import { isValidAt, type TrustedKey } from "../trust/trusted-key.ts";

/** Who signed: a key of ours, or whoever a certificate was issued to. */
export type SignedBy =
  | { readonly kind: "key"; readonly name: string; readonly hint: string }
  | { readonly kind: "certificate"; readonly subject: string; readonly issuer: string };

/**
 * Who must have signed: a key of ours by name, or the subject alternative name and the OIDC issuer of a certificate. A
 * string is compared as a whole; a pattern must match the whole subject.
 */
export type IdentityPolicy = { readonly key: string } | { readonly subject: string | RegExp; readonly issuer: string };

/** Names the signer of a verified bundle; a key that may not sign statements, or did not count at log time, is refused. */
export function identifySigner(verified: {
  entity: SignedEntity;
  signer: Signer;
  keys: ReadonlyMap<string, TrustedKey>;
  loggedAt: Date;
}): SignedBy {
  const { entity, signer, keys, loggedAt } = verified;
  if (entity.key.$case === "certificate") {
    const { subjectAlternativeName: subject = "", extensions } = signer.identity ?? {};
    return { kind: "certificate", subject, issuer: extensions?.issuer ?? "" };
  }
  const key = keys.get(entity.key.hint);
  if (key?.purposes.includes("statement") !== true) {
    throw new HxpError("KEY_NOT_TRUSTED", `the key ${entity.key.hint} may not sign statements`);
  }
  if (!isValidAt(key, loggedAt)) {
    const { start, end = "now" } = key.validFor;
    throw new HxpError("KEY_NOT_VALID", `${key.name} signed at ${loggedAt.toISOString()}, trusted ${start} to ${end}`);
  }
  return { kind: "key", name: key.name, hint: key.hint };
}

/** Throws IDENTITY_REFUSED unless the policy allows the signer. Anyone may get a certificate, so one needs a policy. */
export function checkIdentity(signedBy: SignedBy, policy: IdentityPolicy | undefined): void {
  const isAllowed = policy === undefined ? signedBy.kind === "key" : matches(signedBy, policy);
  if (isAllowed) return;
  const expected = policy === undefined ? "a policy for certificates" : describePolicy(policy);
  throw new HxpError("IDENTITY_REFUSED", `signed by ${describeSigner(signedBy)}, expected ${expected}`);
}

function matches(signedBy: SignedBy, policy: IdentityPolicy): boolean {
  if (signedBy.kind === "key") return "key" in policy && policy.key === signedBy.name;
  if ("key" in policy || policy.issuer !== signedBy.issuer || signedBy.subject === "") return false;
  if (typeof policy.subject === "string") return policy.subject === signedBy.subject;
  const { source, flags } = policy.subject;
  return new RegExp(`^(?:${source})$`, flags.replace(/[gmy]/g, "")).test(signedBy.subject);
}

function describeSigner(signedBy: SignedBy): string {
  return signedBy.kind === "key" ? `the key ${signedBy.name}` : `${signedBy.subject} (issuer ${signedBy.issuer})`;
}

function describePolicy(policy: IdentityPolicy): string {
  return "key" in policy ? `the key ${policy.key}` : `${String(policy.subject)} (issuer ${policy.issuer})`;
}
