import { satisfies } from "semver";
import type { CompatibilityDetails } from "./cell.ts";
import type { OwnPackages } from "./own-packages.ts";
import type { ReleasedPackage } from "./released-package.ts";

/** A package and a version of one that it depends on, from different releases. */
export interface PlannedPair {
  subject: ReleasedPackage;
  other: ReleasedPackage;
  /** The dependency's name in the subject's manifest, and its range. */
  name: string;
  range: string;
  /** Whether the subject is of this release, and the other one earlier. */
  isNewSubject: boolean;
}

/** Pairs that a range admits, and those that none promises. */
export interface PairPlan {
  pairs: PlannedPair[];
  unclaimed: CompatibilityDetails["unclaimedPairs"];
}

/**
 * Each package of this release with earlier ones of what it depends on, and each earlier one, also of a package that is
 * not released now, with this release's.
 */
export function planPairs(own: OwnPackages, releases: number): PairPlan {
  const current = new Map(own.released.map((entry) => [entry.name, entry]));
  const earlier = own.earlierNames.flatMap((name) => own.earlier(name).slice(0, releases));
  const candidates = [
    ...own.released.flatMap((subject) => pairUp(subject, (name) => own.earlier(name).slice(0, releases), true)),
    ...earlier.flatMap((subject) =>
      pairUp(subject, (name) => [current.get(name)].filter((entry) => entry !== undefined), false),
    ),
  ];
  return {
    pairs: candidates.filter(isClaimed),
    unclaimed: candidates
      .filter((pair) => !isClaimed(pair))
      .map(({ subject, other, range }) => ({
        package: subject.name,
        version: subject.version,
        other: other.name,
        otherVersion: other.version,
        range,
      })),
  };
}

function isClaimed({ other, range }: PlannedPair): boolean {
  return satisfies(other.version, range);
}

function pairUp(
  subject: ReleasedPackage,
  othersOf: (name: string) => readonly ReleasedPackage[],
  isNewSubject: boolean,
): PlannedPair[] {
  return subject.dependencies.flatMap(({ name, target, versions }) =>
    othersOf(target).map((other) => ({ subject, other, name, range: versions, isNewSubject })),
  );
}
