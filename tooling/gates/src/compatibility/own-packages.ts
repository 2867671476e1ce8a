import { compare, gt, minVersion, validRange } from "semver";
import type { GateInput } from "../gate.ts";
import { readEarlier, readReleased, type ReleasedPackage } from "./released-package.ts";

/** The workspace's packages, as far as this release's consumers can meet them. */
export interface OwnPackages {
  /** Those of this release. */
  released: ReleasedPackage[];
  /** Versions of a package, oldest first; undefined for what was never released from this workspace. */
  versionsOf(name: string): readonly ReleasedPackage[] | undefined;
  /** Earlier releases of a package, newest first. */
  earlier(name: string): readonly ReleasedPackage[];
  /** Names of all that was released before. */
  earlierNames: string[];
  /** All of them, in the order in which a registry has to get them. */
  tarballs: string[];
}

/** What {@link readOwnPackages} has to know of the workspace. */
export interface OwnPackagesOptions {
  /** Names of the workspace's packages that are published, now or not. */
  publicNames: ReadonlySet<string>;
  /** How many earlier releases of each package are wanted at least. */
  releases: number;
}

/** So many earlier releases of one package are looked through for the lowest that a range admits. */
const historyLimit = 256;

/**
 * Reads this release, and the last few earlier ones of each public package, in this release or not, and as many more as
 * it takes to find the lowest version that a range of another own package admits.
 */
export async function readOwnPackages(input: GateInput, options: OwnPackagesOptions): Promise<OwnPackages> {
  const released = await Promise.all(input.packages.map(readReleased));
  const past = new Map<string, ReleasedPackage[]>();
  const exhausted = new Set<string>();
  const read = async (name: string, limit: number): Promise<void> => {
    const found = limit === 0 ? [] : await input.history(name, limit);
    past.set(name, await Promise.all(found.map(({ tarball }) => readEarlier(tarball))));
    if (limit > 0 && found.length < limit) exhausted.add(name);
  };
  await Promise.all([...options.publicNames].map((name) => read(name, options.releases)));
  const versionsOf = (name: string): ReleasedPackage[] =>
    [...(past.get(name) ?? []), ...released.filter((entry) => entry.name === name)].toSorted((a, b) =>
      compare(a.version, b.version),
    );
  for (let limit = Math.max(4, options.releases); limit <= historyLimit; limit *= 4) {
    const known = [...released, ...past.values()].flat();
    const open = listOpen(known, options.publicNames, versionsOf).filter((name) => !exhausted.has(name));
    if (open.length === 0) break;
    // oxlint-disable-next-line no-await-in-loop -- what is found asks for more
    await Promise.all(open.map((name) => read(name, limit)));
  }
  return {
    released,
    versionsOf: (name) => (versionsOf(name).length === 0 ? undefined : versionsOf(name)),
    earlier: (name) => past.get(name) ?? [],
    earlierNames: [...past].flatMap(([name, entries]) => (entries.length === 0 ? [] : [name])),
    tarballs: [...[...past.values()].flatMap((entries) => entries.toReversed()), ...released].map(
      ({ tarball }) => tarball,
    ),
  };
}

/** Own packages of which a range admits versions that are older than all that are known. */
function listOpen(
  known: readonly ReleasedPackage[],
  publicNames: ReadonlySet<string>,
  versionsOf: (name: string) => readonly ReleasedPackage[],
): string[] {
  const wanted = known
    .flatMap(({ dependencies }) => dependencies)
    .filter(({ target, versions }) => {
      if (!publicNames.has(target) || validRange(versions) === null) return false;
      const [oldest] = versionsOf(target);
      return oldest === undefined || gt(oldest.version, minVersion(versions) ?? "0.0.0");
    });
  return [...new Set(wanted.map(({ target }) => target))];
}
