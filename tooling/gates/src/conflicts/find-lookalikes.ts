import type { Observation } from "../create-gate.ts";
import { compareText } from "../text/compare-text.ts";
import { isNamedBy } from "./is-named-by.ts";
import { establishedNames, muchUsedNames } from "./much-used-names.ts";
import { indexNames, type NameIndex } from "./name-index.ts";
import type { Likeness } from "./name-likeness.ts";
import type { PackageFacts } from "./package-facts.ts";
import { type ConflictFacts, type ReleaseGraph, wayTo } from "./release-graph.ts";

/** A name that looks like another one. */
interface Lookalike {
  other: string;
  likeness: Likeness;
  /** Whether it looks like a package of this workspace or a much-used one, not only like its neighbour. */
  isKnown: boolean;
}

/** What was there for longer than this under a name would have been taken down if it was bait. */
const establishedMonths = 24;

/**
 * Finds dependencies whose names can be taken for others': for much-used packages, packages of this workspace, or others
 * of the closure. No finding are much-used packages themselves, packages that have been there for years, packages that
 * have a scope or a maintainer in common with what they look like, and those in the scope of the package that brings them,
 * as `@turbo/linux-64` is brought by `turbo`.
 */
export function findLookalikes(graph: ReleaseGraph, facts: ConflictFacts): Observation[] {
  const { components } = graph.closure;
  const ownNames = components.flatMap(({ name, folder }) => (folder === undefined ? [] : [name]));
  const own = indexNames([graph.root.name, ...ownNames], { twoLetters: true });
  const known: NameIndex = { find: (name) => [...muchUsed().find(name), ...own.find(name)] };
  const neighbours = indexNames(components.map(({ name }) => name));
  const families = familyMembers(graph);
  return components.flatMap(({ id, name, folder }) => {
    if (families.has(id)) return [];
    if (folder !== undefined || muchUsedNames.has(name) || establishedNames.has(name)) return [];
    if (facts.policy.trustedNames.some((entry) => isNamedBy(entry.package, id))) return [];
    const found = findLookalike(name, { known, neighbours, facts });
    return found === undefined ? [] : [describe(graph, { id, name, found })];
  });
}

/** Ids of packages in the scope that is named like a package that depends on them. */
function familyMembers({ closure }: ReleaseGraph): Set<string> {
  const members = closure.components.flatMap(({ name, dependencies }) =>
    dependencies.filter(({ id }) => id.startsWith(`@${name}/`)).map(({ id }) => id),
  );
  return new Set(members);
}

let muchUsedIndex: NameIndex | undefined;

/** Made once, when it is first asked for: it takes some hundredths of a second. */
function muchUsed(): NameIndex {
  muchUsedIndex ??= indexNames(muchUsedNames, { twoLetters: true });
  return muchUsedIndex;
}

/** What each name is compared with. */
interface Search {
  known: NameIndex;
  neighbours: NameIndex;
  facts: ConflictFacts;
}

function findLookalike(name: string, { known, neighbours, facts }: Search): Lookalike | undefined {
  const found = [
    ...known.find(name).map((alike) => ({ ...alike, isKnown: true })),
    ...neighbours.find(name).map((alike) => ({ ...alike, isKnown: false })),
  ];
  return found
    .filter((alike) => !isExplained(name, alike, facts))
    .toSorted((a, b) => weigh(b) - weigh(a) || compareText(a.other, b.other))[0];
}

function weigh({ isKnown, likeness }: Lookalike): number {
  return Number(isKnown) + (likeness === "the same to the eye" ? 2 : 0);
}

function isExplained(name: string, { other, likeness, isKnown }: Lookalike, { packages, now }: ConflictFacts): boolean {
  if (scopeOf(name) !== undefined && scopeOf(name) === scopeOf(other)) return true;
  const [facts, others] = [packages.get(name), packages.get(other)];
  if (haveCommonMaintainer(facts, others)) return true;
  if (likeness === "the same to the eye") return false;
  return isEstablished(facts, now) || (!isKnown && isYounger(others, facts));
}

/** A scope has one owner, so that nobody else can imitate a name in it. */
function scopeOf(name: string): string | undefined {
  return name.startsWith("@") ? name.slice(0, name.indexOf("/")) : undefined;
}

function haveCommonMaintainer(one: PackageFacts | undefined, other: PackageFacts | undefined): boolean {
  return one?.maintainers.some((maintainer) => other?.maintainers.includes(maintainer)) ?? false;
}

function isEstablished(facts: PackageFacts | undefined, now: Date): boolean {
  if (facts?.dates === undefined) return false;
  const established = new Date(facts.dates.first);
  established.setUTCMonth(established.getUTCMonth() + establishedMonths);
  return established <= now;
}

/** Of two neighbours it is the younger that imitates. */
function isYounger(one: PackageFacts | undefined, other: PackageFacts | undefined): boolean {
  return one?.dates !== undefined && other?.dates !== undefined && one.dates.first > other.dates.first;
}

function describe(
  graph: ReleaseGraph,
  { id, name, found }: { id: string; name: string; found: Lookalike },
): Observation {
  const { other, likeness, isKnown } = found;
  const isCertain = isKnown && likeness !== "two letters away";
  return {
    rule: "lookalike",
    package: graph.released.name,
    dependency: id,
    where: wayTo(graph, id),
    message:
      likeness === "the same to the eye" ? `${name} reads as ${other}.` : `${name} is ${likeness} from ${other}.`,
    why: "Malware is published under names that are typed or read for others.",
    fix: `If ${other} is meant, depend on it. If ${name} is, say why in policy.conflicts.trustedNames.`,
    severity: isCertain ? "error" : "warning",
  };
}
