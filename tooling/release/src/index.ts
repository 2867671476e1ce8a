export type { ReleaseConfig, WrittenReleaseConfig } from "./config/release-config.ts";
export { verifyEvidenceFolder } from "./verify/verify-evidence-folder.ts";
export type { FolderVerification } from "./verify/verify-evidence-folder.ts";
export type { Verification, VerifyOptions } from "./verify/verification.ts";
export { verifyPublishedPackage } from "./verify/verify-published-package.ts";
export type { PackageVerification } from "./verify/verify-published-package.ts";
