import { createHash } from "node:crypto";
import { HxpError } from "@hxp/errors";
import {
  provenancePredicate,
  verificationSummaryPredicate,
  verifyRegistryEntry,
  type VerifyRegistryEntryOptions,
  type VerifiedStatement,
  verifyStatement,
} from "@hxp/evidence";
import type { RegistryClient } from "@hxp/release-registry";
import { packageUrl } from "../evidence/seal-release.ts";
import type { Verification, VerifyOptions } from "./verification.ts";

/** What is known about a package on a registry. */
export interface PackageVerification {
  name: string;
  version: string;
  integrity: string;
  verified: Verification[];
}

/** What every package must carry. */
const required = [provenancePredicate.type, verificationSummaryPredicate.type];

/**
 * Verifies a package as a registry serves it to consumers: downloads the bytes, and checks digest, registry signature,
 * and every attestation against a trust root that the caller brought along.
 *
 * @param spec `name@version` or `name@tag`
 */
export async function verifyPublishedPackage(
  spec: string,
  { client, ...options }: VerifyOptions & { client: RegistryClient },
): Promise<PackageVerification> {
  const { name, range } = parseSpec(spec);
  const packument = await client.readPackument(name);
  if (packument === undefined) throw failed(spec, `is not on ${client.url}`);
  const version = packument["dist-tags"][range] ?? range;
  const dist = new Map(Object.entries(packument.versions)).get(version)?.dist;
  const bytes = await client.readTarball(name, version, packument);
  if (dist === undefined || bytes === undefined) throw failed(spec, `is not on ${client.url}`);
  const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  if (dist.integrity !== integrity)
    throw failed(spec, `has the digest ${integrity}; the registry names ${dist.integrity}`);
  const entry = { name, version, integrity, signatures: dist.signatures ?? [] };
  const attestations = (await client.readAttestations(name, version)) ?? [];
  assertComplete(spec, attestations);
  const subjects = [{ name: packageUrl(name, version), bytes }];
  const statements = attestations.map(({ predicateType, bundle }) =>
    verifyStatement(JSON.stringify(bundle), { ...options, predicateType, subjects }),
  );
  const verified = statements.map((statement) => ({
    what: statement.statement.predicateType,
    says: describe(statement),
    loggedAt: statement.loggedAt.toISOString(),
  }));
  const signature = verifyEntry(entry, { trust: options.trust, signedAt: readSigningTime(statements) });
  return { name, version, integrity, verified: [signature, ...verified] };
}

function assertComplete(spec: string, attestations: readonly { predicateType: string }[]): void {
  const missing = required.filter((type) => attestations.every(({ predicateType }) => predicateType !== type));
  if (missing.length > 0) throw failed(spec, `has no attestation of the type ${missing.join(", ")}`);
}

/** The log's time of the provenance, signed together with the registry's entry. What the registry says is its own choice. */
function readSigningTime(statements: readonly VerifiedStatement[]): Date {
  const provenance = statements.find(({ statement }) => statement.predicateType === provenancePredicate.type);
  if (provenance === undefined) throw new HxpError("INTERNAL", "the provenance was not among the verified statements");
  return provenance.loggedAt;
}

/** A release that was signed without a key of its own has no registry signature; its trust root has no key for one. */
function verifyEntry(
  entry: Parameters<typeof verifyRegistryEntry>[0],
  { trust, signedAt }: VerifyRegistryEntryOptions,
): Verification {
  const what = "registry signature";
  if (trust.keys.every(({ purposes }) => !purposes.includes("registry"))) return { what, says: "none is expected" };
  return { what, says: `by the key ${verifyRegistryEntry(entry, { trust, signedAt }).name}` };
}

function describe({ statement }: VerifiedStatement): string {
  if (statement.predicateType !== verificationSummaryPredicate.type) return "signed, logged, about these bytes";
  const { verificationResult, verifiedLevels } = verificationSummaryPredicate.parse(statement).predicate;
  if (verificationResult !== "PASSED") throw failed("verification summary", `says ${verificationResult}`);
  return `${verificationResult}: ${verifiedLevels.join(", ")}`;
}

function parseSpec(spec: string): { name: string; range: string } {
  const at = spec.lastIndexOf("@");
  if (at <= 0) throw new HxpError("USAGE_INVALID", `${spec} is not <package>@<version>`);
  return { name: spec.slice(0, at), range: spec.slice(at + 1) };
}

function failed(what: string, why: string): HxpError {
  return new HxpError("VERIFICATION_FAILED", `${what} ${why}`);
}
