import { compare, valid } from "semver";
import type { Observation } from "../create-gate.ts";
import { groupPeers, type PeerGroup } from "./peer-requirements.ts";
import { type ReleaseGraph, wayTo } from "./release-graph.ts";

/**
 * Finds packages that a closure holds in several versions. It is an error for those that are shared, because each side
 * would have an object of its own: peers that the released package provides or asks its consumer for, and `singletons`.
 */
export function findRepeated(graph: ReleaseGraph, singletons: readonly string[]): Observation[] {
  const shared = new Set([...singletons, ...sharedPeers(graph)]);
  return [...versionsByName(graph)].flatMap(([name, ids]) => {
    if (ids.length < 2) return [];
    return [describe(graph, { name, ids, isShared: shared.has(name) })];
  });
}

/**
 * Peers that meet at the released package. Those that end at a dependency's own dependency are nobody else's business, and
 * what is only taken if it is there, such as a compiler, is seldom passed on.
 */
function sharedPeers(graph: ReleaseGraph): string[] {
  const isShared = ({ provider, requirements }: PeerGroup): boolean =>
    (provider === undefined || provider === graph.root.key) && requirements.some(({ optional }) => !optional);
  const groups = groupPeers(graph).filter((group) => isShared(group));
  return [...groups.map(({ peer }) => peer), ...graph.root.manifest.peers.keys()];
}

function versionsByName({ closure }: ReleaseGraph): Map<string, string[]> {
  const byName = Map.groupBy(closure.components, ({ name }) => name);
  return new Map(
    [...byName].map(([name, components]) => [
      name,
      components.toSorted((a, b) => compareVersions(a.version, b.version)).map(({ id }) => id),
    ]),
  );
}

/** What comes from no registry may have a version that is none; it goes first. */
function compareVersions(a: string, b: string): number {
  return valid(a) !== null && valid(b) !== null ? compare(a, b) : Number(valid(a) !== null) - Number(valid(b) !== null);
}

function describe(
  graph: ReleaseGraph,
  { name, ids, isShared }: { name: string; ids: string[]; isShared: boolean },
): Observation {
  const [oldest = name] = ids;
  const newest = ids.at(-1) ?? name;
  const bringers = ids.map((id) => `${id.slice(name.length + 1)} by ${parentsOf(graph, id).join(" and ")}`);
  return {
    rule: isShared ? "singleton-repeated" : "versions-repeated",
    package: graph.released.name,
    dependency: oldest,
    where: wayTo(graph, oldest),
    message: `${name} is there in ${ids.length} versions: ${bringers.join("; ")}.`,
    why: isShared
      ? "It is shared between packages, and each version has a state and types of its own: what one makes the other does not know."
      : "Each version costs download and memory, and values of one fail the other's instanceof.",
    fix: `Raise what depends on ${oldest} until it takes ${newest.slice(name.length + 1)}; \`pnpm release resolve\` tries which version does.`,
    severity: isShared ? "error" : "warning",
  };
}

/** Ids of at most three packages that depend on a component. */
function parentsOf({ closure }: ReleaseGraph, id: string): string[] {
  const parents = [closure.root, ...closure.components].filter(({ dependencies }) =>
    dependencies.some((dependency) => dependency.id === id),
  );
  return parents.map((parent) => parent.id).slice(0, 3);
}
