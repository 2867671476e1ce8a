import type { Component, ProductionClosure } from "../closure/component.ts";
import { compareText } from "../text/compare-text.ts";
import type { Advisory, Severity } from "./advisory.ts";
import { type Affected, isAffected, listFixes } from "./is-affected.ts";
import { worstOf } from "./rate-severity.ts";

/** A vulnerability that a package of a release has: all advisories about the same one are one match. */
export interface Match {
  /** The id to speak of: malware's, else GitHub's, else CVE's. */
  advisory: string;
  /** The other ids, sorted. */
  aliases: string[];
  summary: string;
  severity: Severity;
  score?: number;
  component: Pick<Component, "id" | "name" | "version" | "purl" | "folder">;
  /** `undecidable`: what the advisory says of versions cannot be read. */
  affected: Exclude<Affected, "no">;
  /** Lowest versions that mend it. */
  fixedIn: string[];
  symbols: string[];
  /** Closures of the release that have the component, by the name of their package. */
  closures: ProductionClosure[];
}

/** Finds what is known against the packages of closures, each package with its closures; ordered by component and id. */
export function findMatches(
  closures: readonly ProductionClosure[],
  advisories: ReadonlyMap<string, readonly Advisory[]>,
): Match[] {
  return [...listComponents(closures).values()]
    .flatMap(({ component, closures: users }) => {
      const known = advisories.get(component.name) ?? [];
      const holding = known.flatMap((advisory) => {
        const affected = isAffected(component.version, advisory);
        return affected === "no" ? [] : [{ advisory, affected }];
      });
      return groupByAlias(holding).map((group) => toMatch(group, { component, closures: users }));
    })
    .toSorted((a, b) => compareText(a.component.id, b.component.id) || compareText(a.advisory, b.advisory));
}

/** Every package of the closures, the released ones too, once. */
export function listComponents(
  closures: readonly ProductionClosure[],
): Map<string, { component: Component; closures: ProductionClosure[] }> {
  const found = new Map<string, { component: Component; closures: ProductionClosure[] }>();
  for (const closure of closures) {
    for (const component of [closure.root, ...closure.components]) {
      const known = found.get(component.id);
      if (known === undefined) found.set(component.id, { component, closures: [closure] });
      else known.closures.push(closure);
    }
  }
  return found;
}

interface Holding {
  advisory: Advisory;
  affected: Match["affected"];
}

/** Advisories that name each other, directly or by a third one, are about the same vulnerability. */
function groupByAlias(holding: readonly Holding[]): Holding[][] {
  let groups: { ids: Set<string>; holding: Holding[] }[] = [];
  for (const one of holding) {
    const ids = [one.advisory.id, ...one.advisory.aliases];
    const same = groups.filter((group) => ids.some((id) => group.ids.has(id)));
    const joined = {
      ids: new Set([...same.flatMap((group) => [...group.ids]), ...ids]),
      holding: [...same.flatMap((group) => group.holding), one],
    };
    groups = [...groups.filter((group) => !same.includes(group)), joined];
  }
  return groups.map((group) => group.holding);
}

function toMatch(group: readonly Holding[], where: Pick<Match, "component" | "closures">): Match {
  const { component, closures } = where;
  const advisories = group.map(({ advisory }) => advisory);
  const ids = [...new Set(advisories.flatMap(({ id, aliases }) => [id, ...aliases]))].toSorted(compareIds);
  const [id = "", ...aliases] = ids;
  const scores = advisories.flatMap(({ score }) => score ?? []);
  const own = advisories.find((advisory) => advisory.id === id) ?? advisories[0];
  return {
    advisory: id,
    aliases: aliases.toSorted(compareText),
    summary: own?.summary ?? "",
    severity: worstOf(advisories.map(({ severity }) => severity)),
    ...(scores.length === 0 ? {} : { score: Math.max(...scores) }),
    component: pickComponent(component),
    affected: group.some(({ affected }) => affected === "yes") ? "yes" : "undecidable",
    fixedIn: [...new Set(advisories.flatMap((advisory) => listFixes(component.version, advisory)))],
    symbols: [...new Set(advisories.flatMap(({ symbols }) => symbols))].toSorted(compareText),
    closures,
  };
}

function pickComponent({ id, name, version, purl, folder }: Match["component"]): Match["component"] {
  return { id, name, version, purl, ...(folder === undefined ? {} : { folder }) };
}

const prefixes = ["MAL-", "GHSA-", "CVE-"];

function compareIds(a: string, b: string): number {
  return rankOf(a) - rankOf(b) || compareText(a, b);
}

function rankOf(id: string): number {
  const index = prefixes.findIndex((prefix) => id.startsWith(prefix));
  return index === -1 ? prefixes.length : index;
}
