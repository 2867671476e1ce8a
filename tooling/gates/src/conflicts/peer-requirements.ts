import { compareText } from "../text/compare-text.ts";
import type { GraphNode, ReleaseGraph } from "./release-graph.ts";

/** That a package needs another beside it. */
export interface PeerRequirement {
  /** Key of a node that needs it. */
  key: string;
  /** Its id. */
  by: string;
  peer: string;
  range: string;
  optional: boolean;
}

/** Peers of one name that one package of the graph has to provide for all that need them below it. */
export interface PeerGroup {
  peer: string;
  /** Key of the providing node; undefined where nobody does and the released package does not ask its consumer to. */
  provider: string | undefined;
  /** One for each range that is asked for. */
  requirements: PeerRequirement[];
}

/**
 * Follows each peer upwards to whoever provides it: the nearest package on the way that depends on it, or the released
 * package, which may ask its own consumer for it. Peers of one group must be one version.
 */
export function groupPeers(graph: ReleaseGraph): PeerGroup[] {
  const { provided, open } = followUpwards(graph);
  const groups = [...provided].flatMap(([provider, peers]) =>
    [...peers].map(([peer, requirements]) => ({ peer, provider, requirements: sorted(requirements) })),
  );
  const left = [...(open.get(graph.root.key) ?? [])].map(([peer, requirements]) => ({
    peer,
    provider: graph.root.manifest.peers.has(peer) ? graph.root.key : undefined,
    requirements: sorted(requirements),
  }));
  return [...groups, ...left];
}

/** What packages need, by key of a node, name of the peer, and range. One package stands for all that ask for a range. */
type Requirements = Map<string, Map<string, Map<string, PeerRequirement>>>;

/** Each step takes one range of one peer from a package to those that depend on it, so that circles end. */
function followUpwards({ nodes }: ReleaseGraph): { provided: Requirements; open: Requirements } {
  const dependants = readDependants(nodes);
  const open: Requirements = new Map();
  const provided: Requirements = new Map();
  const waiting = [...nodes.values()].flatMap(({ key, id, manifest }) =>
    [...manifest.peers].map(([peer, { range, optional }]) => ({
      at: key,
      requirement: { key, by: id, peer, range, optional },
    })),
  );
  // An array visits what the loop appends.
  for (const { at, requirement } of waiting) {
    if (!add(open, at, requirement)) continue;
    for (const dependant of dependants.get(at) ?? []) {
      if (provides(dependant, requirement.peer)) add(provided, dependant.key, requirement);
      else waiting.push({ at: dependant.key, requirement });
    }
  }
  return { provided, open };
}

function readDependants(nodes: ReleaseGraph["nodes"]): Map<string, GraphNode[]> {
  const dependants = new Map<string, GraphNode[]>();
  for (const node of nodes.values()) {
    for (const { key } of node.resolved.values()) {
      const known = dependants.get(key);
      if (known === undefined) dependants.set(key, [node]);
      else known.push(node);
    }
  }
  return dependants;
}

/** Whether it was not there before. */
function add(requirements: Requirements, at: string, requirement: PeerRequirement): boolean {
  const peers = requirements.get(at) ?? new Map<string, Map<string, PeerRequirement>>();
  const ranges = peers.get(requirement.peer) ?? new Map<string, PeerRequirement>();
  const range = `${requirement.range} ${requirement.optional}`;
  if (ranges.has(range)) return false;
  requirements.set(at, peers.set(requirement.peer, ranges.set(range, requirement)));
  return true;
}

function provides({ name, manifest }: GraphNode, peer: string): boolean {
  return (
    name === peer || Object.hasOwn(manifest.dependencies, peer) || Object.hasOwn(manifest.optionalDependencies, peer)
  );
}

function sorted(requirements: ReadonlyMap<string, PeerRequirement>): PeerRequirement[] {
  return [...requirements.values()].toSorted((a, b) => compareText(a.by, b.by) || compareText(a.range, b.range));
}
