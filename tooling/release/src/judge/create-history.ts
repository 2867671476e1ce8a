import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GateInput } from "@hxp/release-gates";
import type { RegistryClient } from "@hxp/release-registry";
import { compare, prerelease } from "semver";

/** Where {@link createHistory} reads and writes. */
export interface HistoryOptions {
  client: Pick<RegistryClient, "readPackument" | "readTarball">;
  /** Versions of this release, by name. */
  released: ReadonlyMap<string, string>;
  /** Folder for the tarballs. */
  folder: string;
}

/** Gives the last full releases of a package on a registry, newest first; prereleases are nobody's past. */
export function createHistory({ client, released, folder }: HistoryOptions): GateInput["history"] {
  return async (name, limit) => {
    const packument = await client.readPackument(name);
    const versions = Object.keys(packument?.versions ?? {})
      .filter((version) => version !== released.get(name) && prerelease(version) === null)
      .toSorted(compare)
      .toReversed()
      .slice(0, limit);
    const found = versions.map(async (version) => ({
      version,
      bytes: await client.readTarball(name, version, packument),
    }));
    return (await Promise.all(found)).flatMap(({ version, bytes }) => {
      if (bytes === undefined) return [];
      const tarball = join(folder, tarballName(name, version));
      writeFileSync(tarball, bytes);
      return [{ version, tarball }];
    });
  };
}

/** A file name for an earlier tarball. */
export function tarballName(name: string, version: string): string {
  return `previous-${name.replaceAll(/[^a-z0-9.-]/g, "-")}-${version}.tgz`;
}
