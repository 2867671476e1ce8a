import type { PackageState, RegistryState } from "../stage/read-registry-state.ts";

/** How a registry can differ from what the journals say. */
export type DifferenceKind =
  | "tag-moved"
  | "tag-missing"
  | "tag-unknown"
  | "digest-changed"
  | "version-missing"
  | "version-unknown"
  | "deprecation-missing"
  | "deprecation-unknown";

/** One difference between a registry and the journals. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly package: string;
  readonly version?: string;
  readonly tag?: string;
  /** What the journals say; null: nothing. */
  readonly expected: string | null;
  /** What the registry says; null: nothing. */
  readonly found: string | null;
  /** One sentence: what it means. */
  readonly meaning: string;
  /** One sentence: what to do. */
  readonly fix: string;
}

const texts: Record<DifferenceKind, { meaning: string; fix: string }> = {
  "tag-moved": {
    meaning: "Consumers get another version than the one that was released to this tag.",
    fix: "Find out who moved the tag; point it back, or roll the release back.",
  },
  "tag-missing": {
    meaning: "Consumers of this tag get nothing.",
    fix: "Point the tag to the released version again.",
  },
  "tag-unknown": {
    meaning: "Somebody has made a tag that no release made.",
    fix: "Find out who made it; remove it if it is not yours.",
  },
  "digest-changed": {
    meaning: "The registry serves other bytes under a released version.",
    fix: "Treat it as an attack: warn consumers, and ask the registry's operator what happened.",
  },
  "version-missing": {
    meaning: "A released version is gone; installations that name it fail.",
    fix: "Find out who took it off; release a new version, since most registries refuse the old one.",
  },
  "version-unknown": {
    meaning: "Somebody published a version that no release of yours made: a stolen token looks like this.",
    fix: "Revoke publish tokens, deprecate or unpublish the version, then find out where it came from.",
  },
  "deprecation-missing": {
    meaning: "A version that was rolled back no longer warns its consumers.",
    fix: "Deprecate it again with the recorded reason.",
  },
  "deprecation-unknown": {
    meaning: "A released version warns its consumers with a text that no rollback recorded.",
    fix: "Find out who deprecated it; take it off, or roll the release back.",
  },
};

/** What releases that run now may be about to change. */
export interface RunningReleases {
  /** Tags that they stage under. */
  readonly ignoredTags?: readonly string[];
  /** Where else a tag may point to while it is moved, by package and tag; null: nowhere. */
  readonly movingTags?: Readonly<Record<string, Readonly<Record<string, readonly (string | null)[]>>>>;
}

/**
 * Compares what a registry says with what the journals expect; equal means no differences. Packages that the journals
 * do not name are not looked at.
 */
export function compareDistribution(
  expected: RegistryState,
  state: RegistryState,
  options: RunningReleases = {},
): Difference[] {
  return Object.entries(expected).flatMap(([name, wanted]) => {
    const found = state[name] ?? { tags: {}, versions: {} };
    return [...compareTags(name, { wanted, found, ...options }), ...compareVersions(name, { wanted, found })];
  });
}

interface Pair {
  wanted: PackageState;
  found: PackageState;
}

function compareTags(
  name: string,
  { wanted, found, ignoredTags = [], movingTags }: Pair & RunningReleases,
): Difference[] {
  const moving = own(movingTags ?? {}, name) ?? {};
  const tags = new Set([...Object.keys(wanted.tags), ...Object.keys(found.tags)]);
  return [...tags].flatMap((tag) => {
    const expected = own(wanted.tags, tag);
    const now = own(found.tags, tag);
    if (expected === now || ignoredTags.includes(tag)) return [];
    if (own(moving, tag)?.includes(now ?? null) === true) return [];
    const kind = expected === undefined ? "tag-unknown" : now === undefined ? "tag-missing" : "tag-moved";
    return [difference(kind, { package: name, tag, expected, found: now })];
  });
}

function compareVersions(name: string, { wanted, found }: Pair): Difference[] {
  const versions = new Set([...Object.keys(wanted.versions), ...Object.keys(found.versions)]);
  return [...versions].flatMap((version) => {
    const expected = own(wanted.versions, version);
    const now = own(found.versions, version);
    const where = { package: name, version };
    if (now === undefined) {
      return [difference("version-missing", { ...where, expected: expected?.integrity, found: undefined })];
    }
    if (expected === undefined) {
      return [difference("version-unknown", { ...where, expected: undefined, found: now.integrity })];
    }
    return [
      ...(expected.integrity === now.integrity
        ? []
        : [difference("digest-changed", { ...where, expected: expected.integrity, found: now.integrity })]),
      ...compareDeprecation(where, { expected: expected.deprecated, found: now.deprecated }),
    ];
  });
}

function compareDeprecation(
  where: { package: string; version: string },
  messages: { expected: string | undefined; found: string | undefined },
): Difference[] {
  if (messages.expected === messages.found) return [];
  const kind = messages.found === undefined ? "deprecation-missing" : "deprecation-unknown";
  return [difference(kind, { ...where, ...messages })];
}

function difference(
  kind: DifferenceKind,
  facts: { package: string; version?: string; tag?: string; expected: string | undefined; found: string | undefined },
): Difference {
  return { kind, ...facts, expected: facts.expected ?? null, found: facts.found ?? null, ...texts[kind] };
}

function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
