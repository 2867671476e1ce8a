export { createRegistryClient } from "./client/registry-client.ts";
export { createCredential } from "./credentials/credential.ts";
export { exchangeOidcToken } from "./credentials/exchange-oidc-token.ts";
export { readCredential } from "./credentials/read-credential.ts";
export { readRegistryState } from "./stage/read-registry-state.ts";
export { planStaging } from "./stage/plan-staging.ts";
export { stagePackages } from "./stage/stage-packages.ts";
export { unstagePackages } from "./stage/unstage-packages.ts";
export { readBackPackages } from "./read-back/read-back-packages.ts";
export { verifyRegistrySignatures } from "./read-back/verify-registry-signatures.ts";
export { promotePackages } from "./promote/promote-packages.ts";
export { rankPackages } from "./promote/rank-packages.ts";
export { restoreTags } from "./promote/restore-tags.ts";
export { liftDeprecations, rollBackRelease } from "./roll-back/roll-back-release.ts";
export { compareDistribution } from "./watch/compare-distribution.ts";
export { renderAlerts } from "./watch/render-alerts.ts";
export { postAlerts } from "./watch/post-alerts.ts";
export { startEmbeddedRegistry } from "./embedded/start-embedded-registry.ts";
export { findServingRegistry } from "./embedded/find-serving-registry.ts";
export type { RegistryClient, RegistryClientOptions } from "./client/registry-client.ts";
export type { ConnectionOptions, FindCredential } from "./client/registry-request.ts";
export type { Packument, PackumentVersion } from "./client/packument.ts";
export type { Published } from "./client/publish-package.ts";
export type { Credential } from "./credentials/credential.ts";
export type { ExchangeOptions } from "./credentials/exchange-oidc-token.ts";
export type { CredentialSources } from "./credentials/read-credential.ts";
export type { PackageState, RegistryState, VersionState } from "./stage/read-registry-state.ts";
export type { PlannedUpload } from "./stage/plan-staging.ts";
export type { Staged, StageOptions } from "./stage/stage-packages.ts";
export type { RegistryCapabilities, Unstaged, UnstageOptions } from "./stage/unstage-packages.ts";
export type { ReadBackOptions } from "./read-back/read-back-packages.ts";
export type { PublicKeyEntry, SignedVersion } from "./read-back/verify-registry-signatures.ts";
export type { Promoted, PromoteOptions } from "./promote/promote-packages.ts";
export type { RecordedTags, Restored, RestoreOptions } from "./promote/restore-tags.ts";
export type { RollBackOptions, RolledBack } from "./roll-back/roll-back-release.ts";
export type { Difference, DifferenceKind, RunningReleases } from "./watch/compare-distribution.ts";
export type { Alert, AlertOptions } from "./watch/render-alerts.ts";
export type { PostOptions } from "./watch/post-alerts.ts";
export type { EmbeddedRegistry, EmbeddedRegistryOptions } from "./embedded/start-embedded-registry.ts";
export type { ServingRegistry } from "./embedded/find-serving-registry.ts";
export type {
  Attestation,
  Effect,
  JsonObject,
  OnProgress,
  PackageVersion,
  Progress,
  RecordEffect,
  RegistrySignature,
  ReleasedPackage,
} from "./released-package.ts";
