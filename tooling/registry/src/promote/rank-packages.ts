import type { JsonObject } from "../released-package.ts";

/** What {@link rankPackages} looks at. */
interface RankedPackage {
  readonly name: string;
  readonly manifest: JsonObject;
}

/**
 * Ranks packages for publishing: a package's rank is one above the highest rank of what it needs at run time, so that
 * nobody can install a dependent before its dependencies. Packages in a circle share a rank. The order in which the
 * packages are given does not matter.
 *
 * @returns rank by name, 0 first
 */
export function rankPackages(packages: readonly RankedPackage[]): Map<string, number> {
  const needs = new Map(packages.map((entry) => [entry.name, needsOf(entry, packages)]));
  const closures = new Map([...needs.keys()].map((name) => [name, closureOf(name, needs)]));
  // What a package needs outside of its circle has a smaller closure, and so has its rank by then.
  const smallestFirst = [...closures].toSorted(([, left], [, right]) => left.size - right.size);
  const ranks = new Map<string, number>();
  for (const [name, closure] of smallestFirst) {
    const outside = [...closure].filter((need) => closures.get(need)?.has(name) !== true);
    ranks.set(name, Math.max(0, ...outside.map((need) => (ranks.get(need) ?? 0) + 1)));
  }
  return ranks;
}

const fields = ["dependencies", "optionalDependencies", "peerDependencies"];

function needsOf({ name, manifest }: RankedPackage, packages: readonly RankedPackage[]): string[] {
  const wanted = Object.assign({}, ...fields.map((field) => manifest[field])) as object;
  return packages.map((entry) => entry.name).filter((other) => other !== name && Object.hasOwn(wanted, other));
}

/** A package and all that it needs, however far. */
function closureOf(start: string, needs: ReadonlyMap<string, string[]>): Set<string> {
  const closure = new Set([start]);
  for (const name of closure) {
    for (const need of needs.get(name) ?? []) closure.add(need);
  }
  return closure;
}
