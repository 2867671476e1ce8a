import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Attestation, PublicKeyEntry, RegistrySignature, ReleasedPackage } from "@hxp/release-registry";

/** A signing key of a registry, made for one test. */
export interface TestKey {
  readonly entry: PublicKeyEntry;
  sign(pkg: { name: string; version: string; integrity: string }): RegistrySignature;
}

/** Makes an ECDSA P-256 key as npm registries use. */
export function makeKey(expires: string | null = null): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const der = publicKey.export({ type: "spki", format: "der" });
  const keyid = `SHA256:${createHash("sha256").update(der).digest("base64").replace(/=+$/, "")}`;
  const scheme = "ecdsa-sha2-nistp256";
  return {
    entry: { keyid, keytype: scheme, scheme, key: der.toString("base64"), expires },
    sign: ({ name, version, integrity }) => {
      const message = Buffer.from(`${name}@${version}:${integrity}`);
      return { keyid, sig: sign("sha256", message, privateKey).toString("base64") };
    },
  };
}

/** What {@link makePackage} puts into a package. */
export interface PackageParts {
  readonly name: string;
  readonly version?: string;
  readonly dependencies?: Record<string, string>;
  readonly manifest?: Record<string, unknown>;
  readonly content?: string | Buffer;
  readonly key?: TestKey;
  /** Predicate types of attestations about it. */
  readonly attested?: readonly string[];
}

/** Packs a small package into a folder. */
export function makePackage(folder: string, parts: PackageParts): ReleasedPackage {
  const {
    name,
    version = "1.0.0",
    dependencies = {},
    content = `export default ${JSON.stringify(name)};\n`,
    key,
  } = parts;
  const manifest = {
    name,
    version,
    license: "MIT",
    type: "module",
    exports: "./index.js",
    dependencies,
    ...parts.manifest,
  };
  const bytes = makeTarball({ "package/package.json": JSON.stringify(manifest), "package/index.js": content });
  const tarball = join(folder, `${encodeURIComponent(name)}-${version}.tgz`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(tarball, bytes);
  const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  const pkg = { name, version, tarball, integrity, manifest, access: "public" } as const;
  const attestations = (parts.attested ?? []).map((type) => makeAttestation(type, bytes));
  return { ...pkg, signatures: key === undefined ? [] : [key.sign(pkg)], attestations };
}

/** An unsigned bundle around a statement about bytes: enough for a registry, which does not verify it. */
export function makeAttestation(predicateType: string, bytes: Buffer): Attestation {
  const sha512 = createHash("sha512").update(bytes).digest("hex");
  const statement = { _type: "https://in-toto.io/Statement/v1", subject: [{ digest: { sha512 } }], predicateType };
  const payload = Buffer.from(JSON.stringify(statement)).toString("base64");
  const bundle = {
    mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
    verificationMaterial: {},
    dsseEnvelope: { payloadType: "application/vnd.in-toto+json", payload, signatures: [] },
  };
  return { predicateType, bundle };
}

/** A gzipped ustar archive. */
function makeTarball(files: Record<string, string | Buffer>): Buffer {
  const blocks = Object.entries(files).flatMap(([path, content]) => {
    const data = Buffer.from(content);
    return [tarHeader(path, data.length), data, Buffer.alloc((512 - (data.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

function tarHeader(path: string, size: number): Buffer {
  const header = Buffer.alloc(512);
  header.write(path, 0);
  header.write("0000644\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  header.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  header.write("00000000000\0", 136);
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\u000000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}
