import { intersects, satisfies, validRange } from "semver";
import type { Observation } from "../create-gate.ts";
import { nameOf } from "../versions/split-id.ts";
import { type PeerGroup, type PeerRequirement, groupPeers } from "./peer-requirements.ts";
import { type ReleaseGraph, wayTo } from "./release-graph.ts";

/** Finds peers that are missing, of a version that somebody does not take, or that no version could satisfy. */
export function findPeerConflicts(graph: ReleaseGraph): Observation[] {
  const each = [...graph.nodes.values()].flatMap((node) =>
    [...node.manifest.peers].flatMap(([peer, { range, optional }]) =>
      judgeRequirement(graph, { key: node.key, by: node.id, peer, range, optional }),
    ),
  );
  const groups = groupPeers(graph).flatMap((group) => [
    ...findContradiction(graph, group),
    ...findUndeclared(graph, group),
  ]);
  // The same version with other peers is another node, and may say the same.
  return [...new Map([...each, ...groups].map((found) => [`${found.rule} ${found.message}`, found])).values()];
}

function judgeRequirement(graph: ReleaseGraph, requirement: PeerRequirement): Observation[] {
  const { key, peer, range, optional } = requirement;
  const target = graph.nodes.get(key)?.resolved.get(peer)?.key;
  const found = target === undefined ? undefined : graph.nodes.get(target);
  if (found === undefined) return optional || key === graph.root.key ? [] : [missing(graph, requirement)];
  return isWithin(found.version, range) ? [] : [outOfRange(graph, requirement, found.id)];
}

function missing(graph: ReleaseGraph, { by, peer, range }: PeerRequirement): Observation {
  return {
    rule: "peer-missing",
    package: graph.released.name,
    dependency: by,
    where: wayTo(graph, by),
    message: `${by} needs the peer ${peer} ${range}, and nothing provides it.`,
    why: "It imports the peer and fails where it is not there.",
    fix: `Add ${peer} ${range} to the peerDependencies of ${graph.released.name}, or to its dependencies.`,
    severity: "error",
  };
}

/** A peer that only the package manager brings, once for all that need it. */
function findUndeclared(graph: ReleaseGraph, { peer, requirements, provider }: PeerGroup): Observation[] {
  const isBrought = ({ key }: PeerRequirement): boolean => graph.nodes.get(key)?.resolved.has(peer) === true;
  const needing = requirements.filter((requirement) => !requirement.optional && isBrought(requirement));
  const [first] = needing;
  if (provider !== undefined || first === undefined) return [];
  const needs = needing.map(({ by, range }) => `${by} (${range})`);
  const asking = new Set([...graph.nodes.values()].flatMap((node) => (node.manifest.peers.has(peer) ? [node.id] : [])));
  const others = asking.size > needing.length ? " and others" : "";
  const { name } = graph.released;
  const observation: Observation = {
    rule: "peer-undeclared",
    package: name,
    dependency: first.by,
    where: wayTo(graph, first.by),
    message: `The peer ${peer} is needed by ${needs.join(", ")}${others}; ${name} neither depends on it nor asks for it.`,
    why: "Only package managers that install peers by themselves get it, and then in whatever version.",
    fix: `Add ${peer} ${first.range} to the peerDependencies of ${name}, or to its dependencies.`,
    severity: "warning",
  };
  return [observation];
}

function outOfRange(graph: ReleaseGraph, { by, peer, range, optional }: PeerRequirement, found: string): Observation {
  return {
    rule: "peer-out-of-range",
    package: graph.released.name,
    dependency: by,
    where: wayTo(graph, by),
    message: `${by} takes ${peer} ${range} beside it and gets ${found}.`,
    why: "Its authors say that it does not work with that version; npm refuses to install the two together.",
    fix: `Choose a version of ${peer} in ${range}, or one of ${nameOf(by)} that takes ${found}; \`pnpm release resolve\` tries both.`,
    severity: optional ? "warning" : "error",
  };
}

/** Two ranges without a common version. Of more pairs the first says enough: the others go when it goes, or come up then. */
function findContradiction(graph: ReleaseGraph, { peer, requirements, provider }: PeerGroup): Observation[] {
  const ranged = requirements.filter(({ range, optional }) => !optional && validRange(range) !== null);
  const pairs = ranged.flatMap((left, index) => ranged.slice(index + 1).map((right) => [left, right] as const));
  const pair = pairs.find(([left, right]) => !intersects(left.range, right.range, { includePrerelease: true }));
  if (pair === undefined) return [];
  const [left, right] = pair;
  const by = provider === undefined ? graph.root.id : (graph.nodes.get(provider)?.id ?? graph.root.id);
  const contradiction: Observation = {
    rule: "peers-contradict",
    package: graph.released.name,
    dependency: left.by,
    where: wayTo(graph, left.by),
    message: `${left.by} needs the peer ${peer} ${left.range} and ${right.by} needs ${right.range}, both from ${by}; no version is in both ranges.`,
    why: "The peer can be there in one version only, so one of the two always gets a version that it does not take.",
    fix: `Choose versions of ${nameOf(left.by)} and ${nameOf(right.by)} whose ranges of ${peer} meet; \`pnpm release resolve\` tries them.`,
    severity: "error",
  };
  return [contradiction];
}

/** What is no range, such as `workspace:^` or a tag, asks for what the workspace has. */
function isWithin(version: string, range: string): boolean {
  return validRange(range) === null || satisfies(version, range, { includePrerelease: true });
}
