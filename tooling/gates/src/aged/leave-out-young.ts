import { lt, prerelease, rcompare, valid } from "semver";
import type { JsonObject } from "../gate.ts";
import { recordOf, textsOf } from "../json/record-of.ts";

/** Which versions of third parties are old enough. */
export interface AgeRule {
  /** Milliseconds since the epoch; what was published after it is too young. Undefined: nothing is. */
  before: number | undefined;
  /** `name@version` of what counts as old enough whatever its age. */
  exempt: ReadonlySet<string>;
}

/** A version that was published too recently, or nobody knows when. */
export interface LeftOutVersion {
  version: string;
  /** As the registry says it; undefined where that is no time. */
  published: string | undefined;
}

/** A packument as {@link leaveOutYoung} leaves it. */
export interface AgedPackument {
  packument: JsonObject;
  /** The tags as the registry has them. */
  tags: Readonly<Record<string, string>>;
  leftOut: readonly LeftOutVersion[];
}

/**
 * Takes the versions out of a packument that are too young, and those whose age cannot be told. A tag of one that is left
 * out moves to the newest older version, which is a prerelease only where the tag's was; without any, the tag is gone.
 */
export function leaveOutYoung(name: string, packument: JsonObject, { before, exempt }: AgeRule): AgedPackument {
  const tags = textsOf(packument["dist-tags"]);
  if (before === undefined) return { packument, tags, leftOut: [] };
  const time = recordOf(packument["time"]);
  const versions = Object.entries(recordOf(packument["versions"]));
  const leftOut = versions
    .map(([version]) => ({ version, published: readTime(time, version) }))
    .filter(({ version, published }) => {
      const isOld = published !== undefined && Date.parse(published) <= before;
      return !isOld && !exempt.has(`${name}@${version}`);
    });
  const gone = new Set(leftOut.map(({ version }) => version));
  const kept = versions.filter(([version]) => !gone.has(version));
  const candidates = kept.map(([version]) => version).filter((version) => valid(version) !== null);
  const moved = Object.entries(tags).flatMap(([tag, version]) => {
    const target = gone.has(version) ? findOlder(version, candidates) : version;
    return target === undefined ? [] : [[tag, target]];
  });
  return {
    packument: { ...packument, "dist-tags": Object.fromEntries(moved), versions: Object.fromEntries(kept) },
    tags,
    leftOut,
  };
}

function readTime(time: JsonObject, version: string): string | undefined {
  const said = Object.hasOwn(time, version) ? time[version] : undefined;
  return typeof said === "string" && !Number.isNaN(Date.parse(said)) ? said : undefined;
}

function findOlder(version: string, candidates: readonly string[]): string | undefined {
  if (valid(version) === null) return undefined;
  const isPrerelease = prerelease(version) !== null;
  return candidates
    .filter((candidate) => lt(candidate, version) && (isPrerelease || prerelease(candidate) === null))
    .toSorted(rcompare)[0];
}
