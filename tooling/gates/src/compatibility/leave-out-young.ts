import { lt, prerelease, rcompare, valid } from "semver";
import type { JsonObject } from "../gate.ts";

/** Which versions of third parties are old enough. */
export interface AgeRule {
  /** Milliseconds since the epoch; what was published after it is too young. Undefined: nothing is. */
  before: number | undefined;
  /** `name@version` of what counts as old enough whatever its age. */
  exempt: ReadonlySet<string>;
}

/** A version that was published too recently. */
export interface YoungVersion {
  name: string;
  version: string;
  /** As the registry says it. */
  published: string;
}

/** A packument as {@link leaveOutYoung} leaves it. */
export interface AgedPackument {
  packument: JsonObject;
  tooYoung: YoungVersion[];
  /** Versions of which the registry does not say when they were published: they are left out, too. */
  unknown: string[];
}

/**
 * Takes the versions out of a packument that are too young, and those whose age cannot be told. A tag of one that is left
 * out moves to the newest older version, which is a prerelease only where the tag's was; without any, the tag is gone.
 */
export function leaveOutYoung(name: string, packument: JsonObject, { before, exempt }: AgeRule): AgedPackument {
  if (before === undefined) return { packument, tooYoung: [], unknown: [] };
  const time = recordOf(packument["time"]);
  const versions = Object.entries(recordOf(packument["versions"]));
  const ages = versions.map(([version]) => {
    const said = Object.hasOwn(time, version) ? time[version] : undefined;
    const published = typeof said === "string" ? said : "";
    const moment = Date.parse(published);
    const isOld = exempt.has(`${name}@${version}`) || moment <= before;
    return { version, published, isOld, isUnknown: !isOld && Number.isNaN(moment) };
  });
  const left = ages.filter(({ isOld }) => !isOld);
  const gone = new Set(left.map(({ version }) => version));
  const kept = versions.filter(([version]) => !gone.has(version));
  const candidates = kept.map(([version]) => version).filter((version) => valid(version) !== null);
  const tags = Object.entries(recordOf(packument["dist-tags"])).flatMap(([tag, version]) => {
    const target = typeof version === "string" && gone.has(version) ? findOlder(version, candidates) : version;
    return target === undefined ? [] : [[tag, target]];
  });
  return {
    packument: { ...packument, "dist-tags": Object.fromEntries(tags), versions: Object.fromEntries(kept) },
    tooYoung: left
      .filter(({ isUnknown }) => !isUnknown)
      .map(({ version, published }) => ({ name, version, published })),
    unknown: left.filter(({ isUnknown }) => isUnknown).map(({ version }) => version),
  };
}

function findOlder(version: string, candidates: readonly string[]): string | undefined {
  if (valid(version) === null) return undefined;
  const isPrerelease = prerelease(version) !== null;
  return candidates
    .filter((candidate) => lt(candidate, version) && (isPrerelease || prerelease(candidate) === null))
    .toSorted(rcompare)[0];
}

function recordOf(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
