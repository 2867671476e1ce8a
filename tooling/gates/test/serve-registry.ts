import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { integrityOf, makePackage } from "./make-tarball.ts";

/** A manifest with at least a name and a version. */
export type PublishedManifest = { name: string; version: string } & Record<string, unknown>;

/** A registry on loopback that serves packages made of manifests alone; close it after use. */
export interface ServedRegistry extends AsyncDisposable {
  url: string;
  find(name: string, version: string): PublishedManifest | undefined;
}

/**
 * Serves packages to real package managers. Each has an index.js and a LICENSE, unless its files are given by
 * `name@version`, and was published at the beginning of 2026, unless a time is given in the same way; null says none.
 */
export async function serveRegistry(
  manifests: readonly PublishedManifest[],
  contents: Readonly<Record<string, Record<string, string>>> = {},
  published: Readonly<Record<string, string | null>> = {},
): Promise<ServedRegistry> {
  const tarballs = new Map<string, Buffer>();
  const find = (name: string, version: string): PublishedManifest | undefined =>
    manifests.find((manifest) => manifest.name === name && manifest.version === version);
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname).slice(1);
    const tarball = tarballs.get(path);
    const versions = manifests.filter(({ name }) => name === path);
    if (tarball !== undefined) response.end(tarball);
    else if (versions.length === 0) response.writeHead(404).end("{}");
    else response.end(JSON.stringify(packument(path, versions)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const packument = (name: string, versions: readonly PublishedManifest[]): object => ({
    name,
    "dist-tags": { latest: versions.at(-1)?.version },
    time: Object.fromEntries(
      versions.flatMap(({ version }) => {
        const { [`${name}@${version}`]: time = "2026-01-01T00:00:00.000Z" } = published;
        return time === null ? [] : [[version, time]];
      }),
    ),
    versions: Object.fromEntries(
      versions.map((manifest) => {
        const path = `${name}/-/${manifest.version}.tgz`;
        const files = { "index.js": "module.exports = 1;\n", LICENSE: `Licence text of ${name}\n` };
        const tarball = makePackage(manifest, contents[`${name}@${manifest.version}`] ?? files);
        tarballs.set(path, tarball);
        return [manifest.version, { ...manifest, dist: { tarball: `${url}${path}`, integrity: integrityOf(tarball) } }];
      }),
    ),
  });
  return {
    url,
    find,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
