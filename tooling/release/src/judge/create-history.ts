import type { GateInput } from "@hxp/release-gates";
import type { RegistryClient } from "@hxp/release-registry";
import { compare, lt, prerelease } from "semver";
import type { ReadReleased } from "./read-released.ts";

/** Where {@link createHistory} reads. */
export interface HistoryOptions {
  client: Pick<RegistryClient, "readPackument">;
  /** Versions of this release, by name. */
  released: ReadonlyMap<string, string>;
  read: ReadReleased;
}

/**
 * Gives the last full releases of a package on a registry, newest first; prereleases are nobody's past. Throws what
 * {@link ReadReleased} throws: a version whose bytes cannot be had is not left out. One that was not asked for may be lost.
 */
export function createHistory({ client, released, read }: HistoryOptions): GateInput["history"] {
  return async (name, limit, below) => {
    const packument = await client.readPackument(name);
    const versions = Object.keys(packument?.versions ?? {})
      .filter((version) => version !== released.get(name) && prerelease(version) === null)
      .filter((version) => below === undefined || lt(version, below))
      .toSorted(compare)
      .toReversed()
      .slice(0, limit);
    return Promise.all(versions.map((version) => read(name, version, packument)));
  };
}
