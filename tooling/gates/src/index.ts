export { createGate } from "./create-gate.ts";
export { makeGateInput } from "./make-gate-input.ts";
export { isBlocking, runGates } from "./run-gates.ts";
export { contentsGate } from "./contents/contents-gate.ts";
export type { ContentsDetail, ContentsDetails } from "./contents/contents-details.ts";
export { compatibilityGate } from "./compatibility/compatibility-gate.ts";
export { openAgedRegistry } from "./aged/open-aged-registry.ts";
export { consumerEnvironment } from "./aged/consumer-environment.ts";
export { conflictsGate } from "./conflicts/conflicts-gate.ts";
export { advisoriesGate } from "./advisories/advisories-gate.ts";
export { importAdvisories } from "./advisories/database/import-advisories.ts";
export { createCsaf, csafFileName } from "./advisories/csaf/create-csaf.ts";
export { readAdvisoryFiles } from "./advisories/csaf/read-advisory-files.ts";
export { openAdvisoryDatabase } from "./advisories/database/open-database.ts";
export { findMatches } from "./advisories/find-matches.ts";
export type { Match } from "./advisories/find-matches.ts";
export { findAnswer } from "./advisories/vex/find-answer.ts";
export type { Answer } from "./advisories/vex/find-answer.ts";
export { readStatements } from "./advisories/vex/read-statements.ts";
export type { Statement } from "./advisories/vex/statement.ts";
export { isAffected } from "./advisories/is-affected.ts";
export { importCommand, observeSnapshot, readAge } from "./advisories/observe-snapshot.ts";
export { signaturesGate } from "./signatures/signatures-gate.ts";
export { apiGate } from "./api/api-gate.ts";
export type { ApiChange, ApiDetails, ApiPackage, Bump } from "./api/api-change.ts";
export { docsGate } from "./docs/docs-gate.ts";
export { licencesGate } from "./licences/licences-gate.ts";
export { readReleaseLicences } from "./licences/read-release-licences.ts";
export { rebuildGate } from "./rebuild/rebuild-gate.ts";
export { createSecondOpinionGate, secondOpinion } from "./licences/second-opinion.ts";
export { renderNotices } from "./licences/render-notices.ts";
export { readContact } from "./licences/read-contact.ts";
export { printStatement } from "./licences/licence-statement.ts";
export { readLicenceFacts } from "./licences/read-licence-facts.ts";
export { findExcludedNode } from "./conflicts/find-engine-conflicts.ts";
export { readPackageFacts } from "./conflicts/package-facts.ts";
export { readProductionClosure } from "./closure/read-production-closure.ts";
export { readPackageTarball } from "./archive/read-package-tarball.ts";
export { digestPolicy } from "./policy/digest-policy.ts";
export { maximumWaiverDays, policySchema } from "./policy/policy-schema.ts";
export { policyJsonSchema, renderPolicy } from "./policy/render-policy.ts";
export { defaultLicences } from "./policy/licences-policy.ts";
export type {
  Finding,
  Gate,
  GateInput,
  GatePackage,
  GateResult,
  GateTools,
  InputDigest,
  JsonObject,
  JsonValue,
  Rebuild,
  RegistrySigningKey,
  ServedAdvisory,
  ServedAttestation,
  Upstream,
  Verdict,
} from "./gate.ts";
export type { GateDefinition, Inspection, Observation } from "./create-gate.ts";
export type { AdvisoriesDetails, AdvisoryMatch } from "./advisories/advisories-details.ts";
export type { AdvisoryDatabase } from "./advisories/database/open-database.ts";
export type { DatabaseManifest } from "./advisories/database/database-format.ts";
export type { OsvEntry } from "./advisories/database/osv-entry.ts";
export type { CsafOptions, CsafPublisher } from "./advisories/csaf/create-csaf.ts";
export type { ImportOptions } from "./advisories/database/import-advisories.ts";
export type { SnapshotAge, SnapshotLimits } from "./advisories/observe-snapshot.ts";
export type { GateInputParts } from "./make-gate-input.ts";
export type { SecondOpinionDetails, SecondOpinionOptions } from "./licences/second-opinion.ts";
export type { RunGatesOptions } from "./run-gates.ts";
export type { ReleasePolicy, ReleasePolicyInput, Waiver } from "./policy/policy-schema.ts";
export type { ManifestFacts, PackageFacts, VersionFacts } from "./conflicts/package-facts.ts";
export type {
  CellCheck,
  CellDependency,
  CompatibilityCell,
  CompatibilityDetails,
  CompatibilityPair,
} from "./compatibility/cell.ts";
export type { ConflictsDetails, ConflictsPackage } from "./conflicts/conflicts-details.ts";
export type { LicenceFact, LicenceFacts, LicenceText, RecognisedFile } from "./licences/licence-fact.ts";
export type { Contact } from "./licences/read-contact.ts";
export type { LicenceStatement } from "./licences/licence-statement.ts";
export type { LicenceVerdict } from "./licences/judge-licence.ts";
export type { ReleaseLicences } from "./licences/read-release-licences.ts";
export type { LicenceDetail, LicencesDetails } from "./licences/licences-details.ts";
export type { DocsDetails, DocumentDetails } from "./docs/docs-gate.ts";
export type { SignatureDetails, SignaturesDetails } from "./signatures/signatures-details.ts";
export type { Component, ComponentLink, ProductionClosure } from "./closure/component.ts";
export type { ArchiveProblem, PackedFile, Tarball } from "./archive/read-package-tarball.ts";
