import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCredential, createRegistryClient, startEmbeddedRegistry } from "@hxp/release-registry";

/** The manifest of a third-party package; name and version are needed. */
export type ThirdParty = { name: string; version: string } & Record<string, unknown>;

/** A registry of third-party packages on loopback. */
export interface ThirdParties extends AsyncDisposable {
  readonly url: string;
  publish(manifest: ThirdParty, files?: Readonly<Record<string, string>>): Promise<void>;
}

/** Starts a registry and publishes packages of one line each. */
export async function startThirdParties(manifests: readonly ThirdParty[]): Promise<ThirdParties> {
  const folder = mkdtempSync(join(tmpdir(), "hxp-third-parties-"));
  const registry = await startEmbeddedRegistry({
    folder: join(folder, "registry"),
    localNames: () => true,
    keys: () => [],
  });
  const credential = createCredential({ secret: registry.token, source: "test" });
  const client = createRegistryClient({ url: registry.url, credential });
  const publish: ThirdParties["publish"] = async (manifest, files = {}) => {
    const { name, version } = manifest;
    const tarball = pack(folder, manifest, { "index.js": `module.exports = ${JSON.stringify(version)};\n`, ...files });
    const integrity = `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}`;
    const rest = { access: "public" as const, signatures: [], attestations: [] };
    await client.publish({ name, version, manifest, tarball, integrity, ...rest }, "latest");
  };
  for (const manifest of manifests) await publish(manifest);
  return {
    url: registry.url,
    publish,
    [Symbol.asyncDispose]: async () => {
      await registry.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function pack(folder: string, manifest: ThirdParty, files: Readonly<Record<string, string>>): string {
  const source = mkdtempSync(join(folder, "pack-"));
  mkdirSync(join(source, "package"));
  const all = { ...files, "package.json": JSON.stringify(manifest) };
  for (const [path, content] of Object.entries(all)) writeFileSync(join(source, "package", path), content);
  const tarball = join(source, "package.tgz");
  execFileSync("tar", ["-czf", tarball, "package"], { cwd: source });
  return tarball;
}
