export { canonicalJson } from "./statement/canonical-json.ts";
export {
  createStatement,
  createSubject,
  digestBytes,
  parseStatement,
  serializeStatement,
  statementPayloadType,
  statementType,
} from "./statement/statement.ts";
export type { Statement, Subject } from "./statement/statement.ts";
export type { DigestSet, ResourceDescriptor } from "./statement/schema-parts.ts";
export { definePredicate } from "./statement/predicate.ts";
export type { PredicateKind } from "./statement/predicate.ts";
export { provenancePredicate } from "./statement/provenance.ts";
export type { Provenance } from "./statement/provenance.ts";
export { verificationSummaryPredicate } from "./statement/verification-summary.ts";
export type { VerificationSummary } from "./statement/verification-summary.ts";
export { sbomPredicate } from "./statement/sbom.ts";
export type { Sbom } from "./statement/sbom.ts";
export { testResultPredicate } from "./statement/test-result.ts";
export type { TestResult } from "./statement/test-result.ts";
export { releasePlanPredicate } from "./statement/release-plan.ts";
export type { ReleasePlan } from "./statement/release-plan.ts";
export { releaseRecordPredicate } from "./statement/release-record.ts";
export type { ReleaseRecord } from "./statement/release-record.ts";

export type { Signer, Witness } from "./sign/signer.ts";
export { identifyPublicKey } from "./sign/public-key.ts";
export type { PublicKeyIdentity } from "./sign/public-key.ts";
export { openSigningKey } from "./sign/key-store.ts";
export type { KeyFileOptions } from "./sign/key-store.ts";
export { createKeySigner, createSigningKey } from "./sign/key-signer.ts";
export type { SigningKey } from "./sign/key-signer.ts";
export { createKeylessSigner } from "./sign/keyless-signer.ts";
export type { KeylessSignerOptions } from "./sign/keyless-signer.ts";
export { signStatement } from "./sign/sign-statement.ts";
export type { SignStatementOptions } from "./sign/sign-statement.ts";
export { signRegistryEntry, toRegistryKey } from "./sign/sign-registry-entry.ts";
export type { RegistryEntry, RegistryKey, RegistrySignature } from "./sign/sign-registry-entry.ts";

export { hashLeaf, hashNode, MerkleTree, verifyConsistencyProof, verifyInclusionProof } from "./log/merkle-tree.ts";
export type { ConsistencyProof, InclusionProof } from "./log/merkle-tree.ts";
export { openCheckpoint, signCheckpoint } from "./log/checkpoint.ts";
export type { Checkpoint } from "./log/checkpoint.ts";
export { openTransparencyLog, verifyLog } from "./log/transparency-log.ts";
export type { LogSummary, TransparencyLog, TransparencyLogOptions } from "./log/transparency-log.ts";

export { exportTrust, readTrust, writeTrust } from "./trust/trust.ts";
export type { Trust, TrustedLog, TrustParts } from "./trust/trust.ts";
export type { TrustedRootJson } from "./trust/trusted-root.ts";
export { createTrustedKey } from "./trust/trusted-key.ts";
export type { KeyPurpose, TrustedKey, TrustedKeyOptions, Validity } from "./trust/trusted-key.ts";
export { rotateKey } from "./trust/rotate-key.ts";
export type { RotateKeyOptions } from "./trust/rotate-key.ts";

export { verifyStatement } from "./verify/verify-statement.ts";
export type { VerifiedStatement, VerifyStatementOptions } from "./verify/verify-statement.ts";
export type { IdentityPolicy, SignedBy } from "./verify/identity.ts";
export type { ExpectedSubject } from "./verify/subjects.ts";
export { verifyConsistency } from "./verify/verify-consistency.ts";
export type { ConsistencyClaim } from "./verify/verify-consistency.ts";
export { verifyRegistryEntry } from "./verify/verify-registry-entry.ts";
export type { SignedRegistryEntry, VerifyRegistryEntryOptions } from "./verify/verify-registry-entry.ts";
export type { SerializedBundle } from "@sigstore/bundle";
