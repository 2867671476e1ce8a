import type { Component } from "../closure/component.ts";
import { compareText } from "../text/compare-text.ts";
import { scriptsOf } from "./find-unsound.ts";
import { type ConflictFacts, depthOf } from "./release-graph.ts";

/** What the conflicts gate saw, for the report. */
export type ConflictsDetails = {
  /** Third-party packages of all closures, by id. */
  packages: ConflictsPackage[];
  /** Packages whose dates the registry does not keep, so that nobody knows how old they are. */
  undated: string[];
};

/** A package of a closure, as the registry describes it. */
export type ConflictsPackage = {
  id: string;
  name: string;
  version: string;
  /** ISO 8601; absent where the registry does not keep publishers' dates. */
  published?: string;
  /** When the package had its last release, whatever version that was; ISO 8601. */
  lastRelease?: string;
  deprecated?: string;
  latest?: string;
  hasInstallScript: boolean;
  isKnown: boolean;
  /** Links from the nearest released package, 1 for its own dependencies. */
  depth: number;
  /** Names of released packages. */
  usedBy: string[];
};

/** Describes each package once, with the released packages that bring it. */
export function describeConflicts(facts: ConflictFacts): ConflictsDetails {
  const found = new Map<string, ConflictsPackage>();
  for (const graph of facts.graphs) {
    for (const component of graph.closure.components) {
      if (component.folder !== undefined) continue;
      const known = found.get(component.id) ?? describePackage(component, facts);
      const depth = Math.min(known.depth, depthOf(graph, component.id));
      found.set(component.id, { ...known, depth, usedBy: [...known.usedBy, graph.released.name].toSorted() });
    }
  }
  const packages = [...found.values()].toSorted((a, b) => compareText(a.id, b.id));
  const undated = packages.filter(({ isKnown, lastRelease }) => isKnown && lastRelease === undefined);
  return { packages, undated: [...new Set(undated.map(({ name }) => name))] };
}

function describePackage(component: Component, facts: ConflictFacts): ConflictsPackage {
  const { id, name, version } = component;
  const known = facts.packages.get(name);
  const { published, deprecated } = known?.version(version) ?? {};
  const lastRelease = known?.dates?.last.toISOString();
  return {
    id,
    name,
    version,
    ...(published === undefined ? {} : { published }),
    ...(lastRelease === undefined ? {} : { lastRelease }),
    ...(deprecated === undefined ? {} : { deprecated }),
    ...(known?.latest === undefined ? {} : { latest: known.latest }),
    hasInstallScript: scriptsOf(component, facts).length > 0,
    isKnown: known?.version(version) !== undefined,
    depth: Number.MAX_SAFE_INTEGER,
    usedBy: [],
  };
}
