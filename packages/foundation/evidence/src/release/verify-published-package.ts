import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import type { RegistrySignature } from "../sign/sign-registry-entry.ts";
import { provenancePredicate } from "../statement/provenance.ts";
import { sbomPredicate } from "../statement/sbom.ts";
import { verificationSummaryPredicate } from "../statement/verification-summary.ts";
import { verifyRegistryEntry, type VerifyRegistryEntryOptions } from "../verify/verify-registry-entry.ts";
import { type VerifiedStatement, verifyStatement } from "../verify/verify-statement.ts";
import { packageFolder } from "./evidence-folder.ts";
import { packageUrl } from "./plan-file.ts";
import { gatherStatementFacts, type StatementFacts } from "./statement-facts.ts";
import { describe, failed, readBundle, type Verification, type VerifyOptions } from "./verification.ts";

/** What is known about a package on a registry. */
export interface PackageVerification {
  name: string;
  version: string;
  integrity: string;
  /** Bytes of the tarball. */
  size: number;
  verified: Verification[];
  facts: StatementFacts;
}

/** What a registry says about a package, as far as it is verified. */
export interface PackageDocument {
  readonly "dist-tags": Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, { readonly dist: PackageDistribution }>>;
}

/** What a registry says about the tarball of a version. */
interface PackageDistribution {
  readonly tarball: string;
  readonly integrity?: string | undefined;
  readonly signatures?: readonly RegistrySignature[] | undefined;
}

/** Where packages come from: a registry, as a consumer reads it. */
export interface PackageSource {
  readonly url: string;
  /** What is known of a package; undefined where there is none of this name. */
  readPackument(name: string): Promise<PackageDocument | undefined>;
  /** Bytes of a version; undefined where there are none. */
  readTarball(name: string, version: string, packument?: PackageDocument): Promise<Uint8Array | undefined>;
  /** Signed statements about a version; undefined where none are served. */
  readAttestations(
    name: string,
    version: string,
  ): Promise<readonly { predicateType: string; bundle: object }[] | undefined>;
}

/** What {@link verifyPublishedPackage} takes. */
export interface PublishedPackageOptions extends VerifyOptions {
  client: PackageSource;
  /** Evidence folder of the release, for registries that serve nothing or only a part of what is said about a package. */
  evidence?: string | undefined;
}

/** What must be said about every package, and in which file of an evidence folder it is. */
const required: readonly { predicateType: string; file: string }[] = [
  { predicateType: provenancePredicate.type, file: "provenance.sigstore.json" },
  { predicateType: sbomPredicate.type, file: "sbom.sigstore.json" },
  { predicateType: verificationSummaryPredicate.type, file: "verification-summary.sigstore.json" },
];

/**
 * Verifies a package as a registry serves it to consumers, against a trust root that the caller brought along: downloads
 * the bytes and checks their digest; that provenance, SBOM and verification summary are signed, logged and about exactly
 * these bytes; and the registry signature. With `evidence` the statements are read from that folder, which such a registry
 * does not serve, and no signature is asked of it.
 *
 * @param spec `name@version` or `name@tag`
 */
export async function verifyPublishedPackage(
  spec: string,
  { client, evidence, ...options }: PublishedPackageOptions,
): Promise<PackageVerification> {
  const { name, range } = parseSpec(spec);
  const packument = await client.readPackument(name);
  if (packument === undefined) throw failed(spec, `is not on ${client.url}`);
  const version = new Map(Object.entries(packument["dist-tags"])).get(range) ?? range;
  const dist = new Map(Object.entries(packument.versions)).get(version)?.dist;
  const bytes = await client.readTarball(name, version, packument);
  if (dist === undefined || bytes === undefined) throw failed(spec, `is not on ${client.url}`);
  const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  if (dist.integrity !== integrity)
    throw failed(spec, `has the digest ${integrity}; the registry names ${dist.integrity}`);
  const bundles =
    evidence === undefined
      ? await readServedBundles(client, { name, version })
      : readKeptBundles(evidence, { name, version });
  const subjects = [{ name: packageUrl(name, version), bytes }];
  const statements = bundles.map(({ predicateType, bundle }) =>
    verifyStatement(bundle, { ...options, predicateType, subjects }),
  );
  const verified = statements.map((entry) => describe(entry.statement.predicateType, tell(entry), entry));
  const facts = gatherStatementFacts(statements, options);
  const known = { name, version, integrity, size: bytes.length };
  if (evidence !== undefined) return { ...known, verified, facts };
  const entry = { name, version, integrity, signatures: dist.signatures ?? [] };
  const signature = verifyEntry(entry, { trust: options.trust, signedAt: readSigningTime(statements) });
  return { ...known, verified: [signature, ...verified], facts };
}

interface Bundle {
  predicateType: string;
  /** JSON. */
  bundle: string;
}

async function readServedBundles(
  client: Pick<PackageSource, "url" | "readAttestations">,
  { name, version }: { name: string; version: string },
): Promise<Bundle[]> {
  const served = (await client.readAttestations(name, version)) ?? [];
  const missing = required.filter((wanted) =>
    served.every(({ predicateType }) => predicateType !== wanted.predicateType),
  );
  if (missing.length > 0) {
    const types = missing.map(({ predicateType }) => predicateType).join(", ");
    throw new HxpError("VERIFICATION_FAILED", `${client.url} serves no ${types} about ${name}@${version}`, {
      hint: "Where a registry keeps no such statements, pass --evidence with the evidence folder of the release.",
    });
  }
  return served.map(({ predicateType, bundle }) => ({ predicateType, bundle: JSON.stringify(bundle) }));
}

function readKeptBundles(folder: string, { name, version }: { name: string; version: string }): Bundle[] {
  const about = packageFolder({ folder }, { name, version });
  if (!existsSync(about)) throw failed(folder, `says nothing about ${name}@${version}`);
  return required.map(({ predicateType, file }) => ({ predicateType, bundle: readBundle(join(about, file)) }));
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

function tell({ statement }: VerifiedStatement): string {
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
