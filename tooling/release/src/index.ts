export type { ReleaseConfig, WrittenReleaseConfig } from "./config/release-config.ts";
export { verifyEvidenceFolder, verifyPublishedPackage } from "@hxp/evidence/release";
export type { FolderVerification, PackageVerification, Verification, VerifyOptions } from "@hxp/evidence/release";
