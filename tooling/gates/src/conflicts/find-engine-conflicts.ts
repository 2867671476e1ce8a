import { type Comparator, Range, satisfies, SemVer, validRange } from "semver";
import type { Observation } from "../create-gate.ts";
import { compareText } from "../text/compare-text.ts";
import { type GraphNode, type ReleaseGraph, wayTo } from "./release-graph.ts";

/** A dependency that does not run on some Node. */
interface Exclusion {
  node: GraphNode;
  range: string;
  excluded: string;
}

/**
 * Finds dependencies that exclude a Node which the released package claims, or which its consumers are promised. That of
 * a Node which never had long-term support is a warning, once for all that exclude it.
 */
export function findEngineConflicts(graph: ReleaseGraph, promisedNodes: readonly string[]): Observation[] {
  const claim = graph.root.manifest.node;
  const promised = promisedNodes.filter((node) => claim === undefined || isIn(node, claim));
  const byId = new Map([...graph.nodes.values()].map((node) => [node.id, node]));
  byId.delete(graph.root.id);
  const ranged = [...byId.values()].flatMap((node) => {
    const range = node.manifest.node;
    return range === undefined ? [] : [{ node, range }];
  });
  const exclusions = ranged.flatMap(({ node, range }): Exclusion[] => {
    if (validRange(range) === null) return [];
    const excluded = promised.find((version) => !isIn(version, range)) ?? findExcludedNode(claim, range);
    return excluded === undefined ? [] : [{ node, range, excluded }];
  });
  const isOdd = ({ excluded }: Exclusion): boolean => !promised.includes(excluded) && !hadLongTermSupport(excluded);
  const odd = Map.groupBy(exclusions.filter(isOdd), ({ excluded }) => excluded);
  return [
    ...exclusions.filter((exclusion) => !isOdd(exclusion)).map((exclusion) => contradiction(graph, exclusion)),
    ...[...odd.values()].flatMap((group) => oddContradiction(graph, group)),
    ...ranged.flatMap(({ node, range }) => (validRange(range) === null ? [unreadable(graph, node, range)] : [])),
  ];
}

/** Even majors had, and from 27 on every major has. */
function hadLongTermSupport(version: string): boolean {
  const { major } = new SemVer(version);
  return major % 2 === 0 || major >= 27;
}

function isIn(version: string, range: string): boolean {
  return satisfies(version, range, { includePrerelease: true });
}

/**
 * A version in `claim` that is not in `range`, one with long-term support if there is; undefined if there is none. What one
 * union of intervals has over another begins where an interval of the first begins or one of the second ends, so it
 * suffices to look there, and, for long-term support, at each major.
 */
export function findExcludedNode(claim: string | undefined, range: string): string | undefined {
  if (claim === undefined || validRange(claim) === null) return undefined;
  const borders = [...comparatorsOf(claim), ...comparatorsOf(range)].flatMap((comparator) => bordersOf(comparator));
  const highest = Math.max(0, ...borders.map((border) => new SemVer(border).major));
  const majors = Array.from({ length: Math.min(highest, mostMajors) + 2 }, (_, major) => `${major}.0.0`);
  const excluded = [...new Set([...majors, ...borders])]
    .toSorted((a, b) => new SemVer(a).compare(b))
    .filter((version) => satisfies(version, claim) && !satisfies(version, range));
  return excluded.find((version) => hadLongTermSupport(version)) ?? excluded[0];
}

/** More than Node will have in the life of this code; a range may name any number. */
const mostMajors = 200;

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

function contradiction(graph: ReleaseGraph, { node, range, excluded }: Exclusion): Observation {
  const { name } = graph.released;
  const isOptional = graph.components.get(node.id)?.optional === true;
  return {
    rule: "engines-contradict",
    package: name,
    dependency: node.id,
    where: wayTo(graph, node.id),
    message: `${node.id} runs on Node ${range}, not on Node ${excluded}, which ${name} ${claimOf(graph)}.`,
    why: isOptional
      ? "Package managers leave it out on that Node, without a word."
      : "On that Node it fails, or its package manager refuses to install it.",
    fix: `Choose a version of ${node.name} for Node ${excluded}, which \`pnpm release resolve\` looks for, or narrow engines.node of ${name}.`,
    severity: isOptional ? "warning" : "error",
  };
}

function oddContradiction(graph: ReleaseGraph, exclusions: readonly Exclusion[]): Observation[] {
  const [first] = exclusions;
  if (first === undefined) return [];
  const { name } = graph.released;
  const ids = exclusions.map(({ node }) => node.id).toSorted(compareText);
  const observation: Observation = {
    rule: "engines-contradict",
    package: name,
    dependency: first.node.id,
    where: wayTo(graph, first.node.id),
    message: `Node ${first.excluded}, which ${name} ${claimOf(graph)}, is none for ${ids.join(", ")}.`,
    why: "Few use a Node without long-term support; but what is claimed of it is not true.",
    fix: `Narrow engines.node of ${name} to what its dependencies run on, such as ${first.range}.`,
    severity: "warning",
  };
  return [observation];
}

function claimOf({ root }: ReleaseGraph): string {
  return root.manifest.node === undefined ? "is promised to run on" : `claims by its engines (${root.manifest.node})`;
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
