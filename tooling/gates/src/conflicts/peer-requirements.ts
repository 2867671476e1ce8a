import type { GraphNode, ReleaseGraph } from "./release-graph.ts";

/** That one package needs another beside it. */
export interface PeerRequirement {
  /** Key of the node that needs it. */
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
  requirements: PeerRequirement[];
}

/**
 * Follows each peer upwards to whoever provides it: the nearest package on the way that depends on it, or the released
 * package, which may ask its own consumer for it. Peers of one group must be one version.
 */
export function groupPeers(graph: ReleaseGraph): PeerGroup[] {
  const open = collectOpen(graph);
  const groups = [...graph.nodes.values()].flatMap((node) => {
    const below = requirementsBelow(node, open);
    const provided = [...below.keys()].filter((peer) => provides(node, peer));
    return provided.map((peer) => ({ peer, provider: node.key, requirements: sorted(below.get(peer)) }));
  });
  const rest = open.get(graph.root.key) ?? new Map<string, Requirements>();
  const left = [...rest].map(([peer, requirements]) => ({
    peer,
    provider: graph.root.manifest.peers.has(peer) ? graph.root.key : undefined,
    requirements: sorted(requirements),
  }));
  return [...groups, ...left];
}

/** By key of the node that needs it. */
type Requirements = ReadonlyMap<string, PeerRequirement>;
type OpenPeers = ReadonlyMap<string, Requirements>;

/** What each node leaves to those above it. Goes round until nothing changes, because dependencies may be circular. */
function collectOpen({ nodes }: ReleaseGraph): Map<string, OpenPeers> {
  const open = new Map<string, OpenPeers>();
  const backwards = [...nodes.values()].toReversed();
  for (let isChanged = true; isChanged;) {
    isChanged = false;
    for (const node of backwards) {
      const left = openOf(node, open);
      if (sizeOf(left) === sizeOf(open.get(node.key))) continue;
      open.set(node.key, left);
      isChanged = true;
    }
  }
  return open;
}

function openOf(node: GraphNode, open: ReadonlyMap<string, OpenPeers>): OpenPeers {
  const left = new Map([...requirementsBelow(node, open)].filter(([peer]) => !provides(node, peer)));
  for (const [peer, { range, optional }] of node.manifest.peers) {
    const own: PeerRequirement = { key: node.key, by: node.id, peer, range, optional };
    left.set(peer, new Map([...(left.get(peer) ?? []), [node.key, own]]));
  }
  return left;
}

function requirementsBelow(node: GraphNode, open: ReadonlyMap<string, OpenPeers>): Map<string, Requirements> {
  const below = new Map<string, Requirements>();
  for (const { key } of node.resolved.values()) {
    for (const [peer, requirements] of open.get(key) ?? []) {
      below.set(peer, new Map([...(below.get(peer) ?? []), ...requirements]));
    }
  }
  return below;
}

function provides({ name, manifest }: GraphNode, peer: string): boolean {
  return (
    name === peer || Object.hasOwn(manifest.dependencies, peer) || Object.hasOwn(manifest.optionalDependencies, peer)
  );
}

function sizeOf(open: OpenPeers | undefined): number {
  return [...(open?.values() ?? [])].reduce((sum, requirements) => sum + requirements.size, open?.size ?? 0);
}

function sorted(requirements: Requirements | undefined): PeerRequirement[] {
  return [...(requirements?.values() ?? [])].toSorted((a, b) => (a.by < b.by ? -1 : 1));
}
