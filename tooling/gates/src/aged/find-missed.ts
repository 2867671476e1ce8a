import { parse, Range, type SemVer, validRange } from "semver";
import { recordOf, textsOf } from "../json/record-of.ts";
import { readTarget } from "../versions/read-target.ts";
import type { AgedPackument, LeftOutVersion } from "./leave-out-young.ts";

/** What a manifest asks for: a package, and a range or a tag. */
interface Request {
  target: string;
  versions: string;
}

/** A version that was left out although something asks for it. */
export type MissedVersion = { name: string } & LeftOutVersion;

/**
 * Finds the left out versions that a consumer could have got: those that are admitted by what manifests ask for, and by
 * what every version asks for that is admitted in turn. Of a package that nothing known asks for, all count.
 */
export function findMissed(aged: ReadonlyMap<string, AgedPackument>, manifests: readonly object[]): MissedVersion[] {
  const asked = listAsked(aged, manifests);
  return [...aged].flatMap(([name, { tags, leftOut }]) => {
    const admitting = asked.get(name);
    const tests = admitting && [...admitting].map((versions) => createTest(versions, tags));
    return leftOut
      .filter(({ version }) => tests === undefined || tests.some((admits) => admits(version, parse(version))))
      .map((entry) => ({ name, ...entry }));
  });
}

/** By package, all that is asked of it. */
function listAsked(
  aged: ReadonlyMap<string, AgedPackument>,
  manifests: readonly object[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const asked = new Map<string, Set<string>>();
  const versionsOf = createVersionReader(aged);
  const open = manifests.flatMap(requestsOf);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { target, versions } = next;
    const known = asked.get(target) ?? new Set();
    if (known.has(versions)) continue;
    asked.set(target, known.add(versions));
    const admits = createTest(versions, textsOf(aged.get(target)?.packument["dist-tags"]));
    for (const entry of versionsOf(target)) {
      if (entry.isSeen || !admits(entry.version, entry.parsed)) continue;
      entry.isSeen = true;
      open.push(...requestsOf(entry.manifest));
    }
  }
  return asked;
}

interface KeptVersion {
  version: string;
  parsed: SemVer | null;
  manifest: unknown;
  isSeen: boolean;
}

function createVersionReader(aged: ReadonlyMap<string, AgedPackument>): (name: string) => readonly KeptVersion[] {
  const read = new Map<string, KeptVersion[]>();
  return (name) => {
    const versions =
      read.get(name) ??
      Object.entries(recordOf(aged.get(name)?.packument["versions"])).map(([version, manifest]) => ({
        version,
        parsed: parse(version),
        manifest,
        isSeen: false,
      }));
    read.set(name, versions);
    return versions;
  };
}

function createTest(
  versions: string,
  tags: Readonly<Record<string, string>>,
): (version: string, parsed: SemVer | null) => boolean {
  if (validRange(versions) === null) return (version) => Object.hasOwn(tags, versions) && tags[versions] === version;
  const range = new Range(versions);
  return (_version, parsed) => parsed !== null && range.test(parsed);
}

function requestsOf(manifest: unknown): Request[] {
  const record = recordOf(manifest);
  const fields = ["dependencies", "optionalDependencies", "peerDependencies"];
  return fields
    .flatMap((field) => Object.entries(textsOf(record[field])))
    .map(([name, range]) => readTarget(name, range));
}
