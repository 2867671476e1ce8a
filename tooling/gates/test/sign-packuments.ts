import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { JsonObject, RegistrySigningKey, Upstream } from "@hxp/release-gates";

/** A key pair of a registry, with the form that it serves its public part in. */
export interface RegistryKeyPair {
  privateKey: KeyObject;
  served: RegistrySigningKey;
}

/** Makes an ECDSA P-256 key. */
export function makeRegistryKey(expires: string | null = null): RegistryKeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const der = publicKey.export({ type: "spki", format: "der" });
  const keyid = `SHA256:${createHash("sha256").update(der).digest("base64").replace("=", "")}`;
  const scheme = "ecdsa-sha2-nistp256";
  return { privateKey, served: { keyid, keytype: scheme, scheme, key: der.toString("base64"), expires } };
}

/** A version to publish. */
export interface VersionParts {
  version: string;
  /** Default: 2026-01-01. */
  time?: string;
  signedBy?: RegistryKeyPair | undefined;
  /** What is signed in place of the version's own integrity. */
  signedIntegrity?: string;
  /** What the registry says in place of the version's own integrity. */
  integrity?: string;
  hasProvenance?: boolean;
  user?: JsonObject;
  /** Of its manifest. */
  repository?: JsonObject | string;
}

/** The integrity of the tarball of a version here. */
export function integrityFor(name: string, version: string): string {
  return `sha512-${createHash("sha512").update(`${name}@${version}`).digest("base64")}`;
}

/** A packument as npm serves it, with signatures that hold. */
export function makePackument(name: string, versions: readonly VersionParts[]): JsonObject {
  return {
    name,
    time: Object.fromEntries(versions.map(({ version, time = "2026-01-01T00:00:00.000Z" }) => [version, time])),
    versions: Object.fromEntries(versions.map((parts) => [parts.version, makeManifest(name, parts)])),
  };
}

function makeManifest(name: string, parts: VersionParts): JsonObject {
  const { version, signedBy, hasProvenance = false, user, repository } = parts;
  const integrity = parts.integrity ?? integrityFor(name, version);
  const payload = `${name}@${version}:${parts.signedIntegrity ?? integrity}`;
  const signatures =
    signedBy === undefined
      ? []
      : [
          {
            keyid: signedBy.served.keyid,
            sig: sign("sha256", Buffer.from(payload), signedBy.privateKey).toString("base64"),
          },
        ];
  const attestations = { url: "https://registry.example/", provenance: { predicateType: "x" } };
  return {
    name,
    version,
    dist: { integrity, signatures, ...(hasProvenance ? { attestations } : {}) },
    ...(user === undefined ? {} : { _npmUser: user }),
    ...(repository === undefined ? {} : { repository }),
  };
}

/** A registry in memory. */
export function makeUpstream(packuments: readonly JsonObject[], parts: Partial<Upstream> = {}): Upstream {
  const byName = new Map(packuments.map((packument) => [packument["name"], packument]));
  return {
    packument: (name) => Promise.resolve(byName.get(name)),
    keys: () => Promise.resolve([]),
    attestations: () => Promise.resolve(undefined),
    ...parts,
  };
}
