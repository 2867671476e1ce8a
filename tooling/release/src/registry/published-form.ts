import type { ReleasedPackage } from "@hxp/release-registry";
import type { ReleaseContext } from "../release-context.ts";
import type { OpenRegistry } from "./open-registry.ts";

/**
 * What of a package a registry is given. The embedded one takes all of it. Others sign with keys of their own, and npm
 * takes one attestation, the provenance, and only where the public sigstore can verify it; the rest stays in the
 * evidence folder.
 */
export function publishedForm(
  { config }: Pick<ReleaseContext, "config">,
  { registry, packages }: { registry: Pick<OpenRegistry, "isLocal">; packages: readonly ReleasedPackage[] },
): ReleasedPackage[] {
  if (registry.isLocal) return [...packages];
  const isPublic = config.signer.type === "keyless" && config.signer.provenance;
  return packages.map((entry) => ({
    ...entry,
    signatures: [],
    attestations: isPublic ? entry.attestations.filter(({ predicateType }) => predicateType === provenanceType) : [],
  }));
}

const provenanceType = "https://slsa.dev/provenance/v1";
