import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createCredential, createRegistryClient, startEmbeddedRegistry } from "@hxp/release-registry";
import { readPackedManifest } from "../evidence/read-packed-manifest.ts";
import { readUpstream } from "../registry/read-upstream.ts";
import type { ReleaseContext } from "../release-context.ts";

/** What {@link serveTarballs} serves, and the folder in which it makes one for it. */
export interface ServeOptions {
  tarballs: readonly string[];
  folder: string;
}

/** Starts a registry of its own on loopback for tarballs that are published nowhere yet; it ends with the command. */
export async function serveTarballs(context: ReleaseContext, { tarballs, folder }: ServeOptions): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const packages = tarballs.map((tarball) => describeTarball(tarball));
  const names = new Set(packages.map(({ name }) => name));
  const upstream = await readUpstream(context);
  const registry = await startEmbeddedRegistry({
    // Several gates have a registry at the same time.
    folder: mkdtempSync(join(folder, "r-")),
    localNames: (name) => names.has(name),
    ...(upstream === undefined ? {} : { upstream }),
    keys: () => [],
  });
  context.onClose(() => registry.close());
  const credential = createCredential({ secret: registry.token, source: "the throw-away registry" });
  const client = createRegistryClient({ url: registry.url, credential });
  // One after the other: the last version of a name is the one that `latest` is.
  for (const entry of packages) await client.publish(entry, "latest");
  return registry.url;
}

function describeTarball(tarball: string) {
  const manifest = readPackedManifest(tarball);
  const integrity = `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}`;
  const [name, version] = [String(manifest["name"]), String(manifest["version"])];
  return { name, version, tarball, integrity, manifest, access: "public" as const, signatures: [], attestations: [] };
}
