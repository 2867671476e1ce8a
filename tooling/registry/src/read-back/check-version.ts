import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { HxpError } from "@hxp/errors";
import { readPackedTarball } from "../client/publish-package.ts";
import { type Packument, versionOf } from "../client/packument.ts";
import type { RegistryClient } from "../client/registry-client.ts";
import type { ReleasedPackage } from "../released-package.ts";
import { type PublicKeyEntry, verifyRegistrySignatures } from "./verify-registry-signatures.ts";

/** What a registry's copy is held against. */
export interface CheckOptions {
  readonly client: RegistryClient;
  readonly stagingTag: string;
  /** Keys whose registry signatures count; with an empty list signatures are not looked at. */
  readonly keys: readonly PublicKeyEntry[];
  /** Whether a version without any registry signature is an error; default true. */
  readonly requireSignatures?: boolean;
}

/**
 * Compares the registry's copy of a package with the packed file, byte by byte, and with every digest, signature and
 * attestation. False when the registry does not show it (yet); any difference throws, exit code 15.
 */
export async function checkVersion(pkg: ReleasedPackage, options: CheckOptions): Promise<boolean> {
  const { client, stagingTag, keys, requireSignatures = true } = options;
  const { name, version } = pkg;
  const packument = await client.readPackument(name);
  const entry = versionOf(packument, version);
  if (packument === undefined || entry === undefined || packument["dist-tags"][stagingTag] !== version) return false;
  const bytes = await client.readTarball(name, version, packument);
  if (bytes === undefined) return false;
  checkBytes(bytes, { pkg, packed: await readPackedTarball(pkg), dist: entry.dist });
  const { signatures = [] } = entry.dist;
  if (keys.length > 0 && (requireSignatures || signatures.length > 0)) {
    const publishedAt = timeOf(packument, version);
    verifyRegistrySignatures({ name, version, integrity: pkg.integrity, signatures, publishedAt }, keys);
  }
  await checkAttestations(pkg, client);
  return true;
}

function checkBytes(
  bytes: Buffer,
  { pkg, packed, dist }: { pkg: ReleasedPackage; packed: Buffer; dist: Packument["versions"][string]["dist"] },
): void {
  const shasum = createHash("sha1").update(packed).digest("hex");
  const differences = [
    ...(bytes.equals(packed) ? [] : [`the tarball has other bytes (${bytes.length} instead of ${packed.length})`]),
    ...(dist.integrity === pkg.integrity ? [] : [`dist.integrity is ${dist.integrity ?? "missing"}`]),
    ...(dist.shasum === undefined || dist.shasum === shasum ? [] : [`dist.shasum is ${dist.shasum}`]),
  ];
  if (differences.length === 0) return;
  const { name, version, integrity } = pkg;
  throw new HxpError("REGISTRY_BYTES_DIFFER", `${name}@${version} on the registry: ${differences.join("; ")}`, {
    details: { name, version, expected: integrity, found: dist.integrity, differences },
  });
}

function timeOf({ time = {} }: Packument, version: string): string | undefined {
  const at = Object.hasOwn(time, version) ? time[version] : undefined;
  return typeof at === "string" ? at : undefined;
}

async function checkAttestations(
  { name, version, attestations }: ReleasedPackage,
  client: RegistryClient,
): Promise<void> {
  if (attestations.length === 0) return;
  const served = (await client.readAttestations(name, version)) ?? [];
  for (const { predicateType, bundle } of attestations) {
    if (served.some((other) => isDeepStrictEqual(other.bundle, JSON.parse(JSON.stringify(bundle))))) continue;
    throw new HxpError(
      "REGISTRY_SIGNATURE_BAD",
      `The registry does not serve the ${predicateType} attestation that ${name}@${version} was published with`,
    );
  }
}
