import type { PackageFacts, VersionFacts } from "@hxp/release-gates";
import { gt, major, prerelease, rcompare, satisfies, valid, validRange } from "semver";
import type { Change } from "./change.ts";
import type { Site } from "./find-sites.ts";
import type { ResolveWorld } from "./resolve-world.ts";

/** Whether a version may take the place of the one that is objected to. */
export type Accept = (facts: VersionFacts, version: string) => boolean;

const mostOlder = 2;

/**
 * Versions to try in place of one, the likeliest first: the newest of the same major, the newest of all, then, where
 * `older` is asked for, the newest of those below.
 */
export function chooseVersions(
  facts: PackageFacts | undefined,
  current: string,
  { accept = () => true, older = false }: { accept?: Accept; older?: boolean } = {},
): string[] {
  if (facts === undefined) return [];
  const fitting = stableVersions(facts).filter((version) => isAccepted(facts, version, accept) && version !== current);
  if (valid(current) === null) return fitting.slice(0, 1);
  const newer = fitting.filter((version) => gt(version, current));
  const below = older ? fitting.filter((version) => gt(current, version)).slice(0, mostOlder) : [];
  const sameMajor = newer.find((version) => major(version) === major(current));
  return [...new Set([sameMajor, newer[0], ...below])].filter((version) => version !== undefined);
}

/** Versions that all of some ranges have, newest first. */
export function versionsIn(
  facts: PackageFacts | undefined,
  ranges: readonly string[],
  accept: Accept = () => true,
): string[] {
  if (facts === undefined) return [];
  return stableVersions(facts).filter(
    (version) => ranges.every((range) => isInRange(version, range)) && isAccepted(facts, version, accept),
  );
}

function isInRange(version: string, range: string): boolean {
  return validRange(range) !== null && satisfies(version, range);
}

function isAccepted(facts: PackageFacts, version: string, accept: Accept): boolean {
  const known = facts.version(version);
  return known !== undefined && accept(known, version);
}

function stableVersions({ versions }: PackageFacts): string[] {
  return versions.filter((version) => valid(version) !== null && prerelease(version) === null).toSorted(rcompare);
}

/** The change that brings a version to a site: its range with the same operator, or, for an older version, just that one. */
export function moveSite(site: Site, version: string, world: Pick<ResolveWorld, "catalog">): Change[] {
  const { folder, field, name } = site;
  const [, catalog] = /^catalog:(.*)$/.exec(site.range) ?? [];
  if (catalog === undefined) {
    return [{ kind: "range", folder, field, name, from: site.range, to: rangeFor(site, site.range, version) }];
  }
  const named = catalog === "" ? "default" : catalog;
  const from = world.catalog(named, name);
  return from === undefined ? [] : [{ kind: "catalog", catalog: named, name, from, to: rangeFor(site, from, version) }];
}

function rangeFor({ version: current }: Site, range: string, version: string): string {
  if (valid(current) !== null && gt(current, version)) return version;
  const [, operator] = /^([\^~]|>=)?\s*\d[^\s|]*$/.exec(range) ?? [];
  if (operator === ">=") return `>=${version}`;
  return valid(range) === null ? `${operator ?? "^"}${version}` : version;
}
