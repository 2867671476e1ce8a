import { type Comparator, Range, satisfies, SemVer, validRange } from "semver";
import type { Observation } from "../create-gate.ts";
import { type GraphNode, type ReleaseGraph, wayTo } from "./release-graph.ts";

/** Finds dependencies that exclude a Node which the released package claims, or which its consumers are promised. */
export function findEngineConflicts(graph: ReleaseGraph, promisedNodes: readonly string[]): Observation[] {
  const claim = graph.root.manifest.node;
  const isClaimed = (node: string): boolean => claim === undefined || isIn(node, claim);
  const promised = promisedNodes.filter((node) => isClaimed(node));
  const byId = new Map([...graph.nodes.values()].map((node) => [node.id, node]));
  byId.delete(graph.root.id);
  return [...byId.values()].flatMap((node) => {
    const range = node.manifest.node;
    if (range === undefined) return [];
    if (validRange(range) === null) return [unreadable(graph, node, range)];
    const excluded = promised.find((version) => !isIn(version, range)) ?? findExcludedNode(claim, range);
    return excluded === undefined ? [] : [contradiction(graph, node, { range, excluded })];
  });
}

function isIn(version: string, range: string): boolean {
  return satisfies(version, range, { includePrerelease: true });
}

/**
 * A version in `claim` that is not in `range`; undefined if there is none. What one union of intervals has over another
 * begins where an interval of the first begins or one of the second ends, so it suffices to look there.
 */
export function findExcludedNode(claim: string | undefined, range: string): string | undefined {
  if (claim === undefined || validRange(claim) === null) return undefined;
  const ends = [...comparatorsOf(claim), ...comparatorsOf(range)].flatMap((comparator) => bordersOf(comparator));
  return [...new Set(["0.0.0", ...ends])]
    .toSorted((a, b) => new SemVer(a).compare(b))
    .find((version) => satisfies(version, claim) && !satisfies(version, range));
}

function comparatorsOf(range: string): Comparator[] {
  return new Range(range).set.flat();
}

/** The version of a comparator without its prerelease, and the one after it. */
function bordersOf({ semver }: Comparator): string[] {
  // The comparator of `*` has no version.
  if (!(semver instanceof SemVer)) return [];
  const { major, minor, patch } = semver;
  return [`${major}.${minor}.${patch}`, `${major}.${minor}.${patch + 1}`];
}

function contradiction(
  graph: ReleaseGraph,
  node: GraphNode,
  { range, excluded }: { range: string; excluded: string },
): Observation {
  const { name } = graph.released;
  const isOptional = graph.components.get(node.id)?.optional === true;
  return {
    rule: "engines-contradict",
    package: name,
    dependency: node.id,
    where: wayTo(graph, node.id),
    message: `${node.id} runs on Node ${range}, not on Node ${excluded}, which ${name} ${graph.root.manifest.node === undefined ? "is promised to run on" : `claims by its engines (${graph.root.manifest.node})`}.`,
    why: isOptional
      ? "Package managers leave it out on that Node, without a word."
      : "On that Node it fails, or its package manager refuses to install it.",
    fix: `Choose a version of ${node.name} for Node ${excluded}, which \`pnpm release resolve\` looks for, or narrow engines.node of ${name}.`,
    severity: isOptional ? "warning" : "error",
  };
}

function unreadable(graph: ReleaseGraph, node: GraphNode, range: string): Observation {
  return {
    rule: "engines-unreadable",
    package: graph.released.name,
    dependency: node.id,
    where: wayTo(graph, node.id),
    message: `${node.id} says engines.node ${JSON.stringify(range.slice(0, 100))}, which is no range.`,
    why: "Which Node it runs on is unknown.",
    fix: "Rely on the compatibility gate, which runs it, or replace the dependency.",
    severity: "warning",
  };
}
