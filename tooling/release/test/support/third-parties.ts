import { execFileSync } from "node:child_process";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RegistryKey, toRegistryKey } from "@hxp/evidence";
import {
  type Attestation,
  createCredential,
  createRegistryClient,
  type RegistryClient,
  type RegistrySignature,
  type ReleasedPackage,
  startEmbeddedRegistry,
} from "@hxp/release-registry";

/** The manifest of a third-party package; name and version are needed. */
export type ThirdParty = { name: string; version: string } & Record<string, unknown>;

/** What is published beside the manifest. */
interface ThirdPartyParts {
  files?: Readonly<Record<string, string>>;
  /** With a provenance about its bytes, which nobody signed. */
  attested?: boolean;
}

/** A registry of third-party packages on loopback, which signs them as npm's does. */
export interface ThirdParties extends AsyncDisposable {
  readonly url: string;
  /** As somebody who may change what is there. */
  readonly client: RegistryClient;
  publish(manifest: ThirdParty, parts?: ThirdPartyParts): Promise<void>;
}

/** Starts a registry and publishes packages of one line each. */
export async function startThirdParties(manifests: readonly ThirdParty[] = []): Promise<ThirdParties> {
  const key = createRegistryKey();
  const folder = mkdtempSync(join(tmpdir(), "hxp-third-parties-"));
  const registry = await startEmbeddedRegistry({
    folder: join(folder, "registry"),
    localNames: () => true,
    keys: () => [key.entry],
  });
  const credential = createCredential({ secret: registry.token, source: "test" });
  const client = createRegistryClient({ url: registry.url, credential });
  const publish: ThirdParties["publish"] = async (manifest, { files, attested = false } = {}) => {
    const packed = packThirdParty(folder, manifest, files);
    const attestations = attested ? [attest(packed)] : [];
    await client.publish({ ...packed, signatures: [key.sign(packed)], attestations }, "latest");
  };
  for (const manifest of manifests) await publish(manifest);
  return {
    url: registry.url,
    client,
    publish,
    [Symbol.asyncDispose]: async () => {
      await registry.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Packs a package of one line and the files that are given. */
export function packThirdParty(
  folder: string,
  manifest: ThirdParty,
  files: Readonly<Record<string, string>> = {},
): ReleasedPackage {
  const { name, version } = manifest;
  const source = mkdtempSync(join(folder, "pack-"));
  mkdirSync(join(source, "package"));
  const line = `module.exports = ${JSON.stringify(version)};\n`;
  const all = { "index.js": line, ...files, "package.json": JSON.stringify(manifest) };
  for (const [path, content] of Object.entries(all)) writeFileSync(join(source, "package", path), content);
  const tarball = join(source, "package.tgz");
  execFileSync("tar", ["-czf", tarball, "package"], { cwd: source });
  const integrity = `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}`;
  return { name, version, manifest, tarball, integrity, access: "public", signatures: [], attestations: [] };
}

/** A key that a registry signs with, made for one run. */
export interface RegistryKeyPair {
  entry: RegistryKey;
  sign(entry: { name: string; version: string; integrity: string }): RegistrySignature;
}

/** Makes an ECDSA P-256 key as npm registries use. */
export function createRegistryKey(): RegistryKeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const entry = toRegistryKey(publicKey.export({ type: "spki", format: "der" }));
  return {
    entry,
    sign: ({ name, version, integrity }) => {
      const message = Buffer.from(`${name}@${version}:${integrity}`);
      return { keyid: entry.keyid, sig: sign("sha256", message, privateKey).toString("base64") };
    },
  };
}

function attest({ name, version, integrity }: ReleasedPackage): Attestation {
  const sha512 = Buffer.from(integrity.slice("sha512-".length), "base64").toString("hex");
  const predicateType = "https://slsa.dev/provenance/v1";
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: `pkg:npm/${name}@${version}`, digest: { sha512 } }],
    predicateType,
    predicate: {},
  };
  const payload = Buffer.from(JSON.stringify(statement)).toString("base64");
  const dsseEnvelope = { payload, payloadType: "application/vnd.in-toto+json", signatures: [{ sig: "" }] };
  return { predicateType, bundle: { mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json", dsseEnvelope } };
}
