import type { ApiChange } from "../api-change.ts";
import type { PackedManifest } from "../../contents/packed-manifest.ts";
import { compareRanges } from "./compare-ranges.ts";

/** Compares peer dependencies: what consumers must have beside the package, and in which versions. */
export function comparePeers(before: PackedManifest, after: PackedManifest): ApiChange[] {
  const [was, is] = [readPeers(before), readPeers(after)];
  const names = [...new Set([...was.keys(), ...is.keys()])].toSorted();
  return names.flatMap((name) => comparePeer(name, was.get(name), is.get(name)));
}

interface Peer {
  range: string;
  isOptional: boolean;
}

function readPeers(manifest: PackedManifest): Map<string, Peer> {
  const meta = (manifest["peerDependenciesMeta"] ?? {}) as Record<string, { optional?: unknown } | undefined>;
  const peers = Object.entries(manifest.peerDependencies ?? {});
  return new Map(peers.map(([name, range]) => [name, { range, isOptional: meta[name]?.optional === true }]));
}

function comparePeer(name: string, before: Peer | undefined, after: Peer | undefined): ApiChange[] {
  if (after === undefined) {
    return [
      makeChange(name, { change: "removed", before, bump: "minor", reason: "Consumers need not have the peer." }),
    ];
  }
  if (before === undefined) {
    const bump = after.isOptional ? "minor" : "major";
    const reason = after.isOptional ? "Consumers may add the peer." : "Consumers must have the peer now.";
    return [makeChange(name, { change: "added", after, bump, reason })];
  }
  return [...compareNeed(name, before, after), ...compareRange(name, before, after)];
}

function compareNeed(name: string, before: Peer, after: Peer): ApiChange[] {
  if (before.isOptional === after.isOptional) return [];
  if (after.isOptional) {
    return [makeChange(name, { change: "widened", before, after, bump: "minor", reason: "The peer is optional now." })];
  }
  const reason = "The peer was optional, and consumers must have it now.";
  return [makeChange(name, { change: "narrowed", before, after, bump: "major", reason })];
}

function compareRange(name: string, before: Peer, after: Peer): ApiChange[] {
  const result = compareRanges(before.range, after.range);
  if (result === undefined) return [];
  const { change, isBreaking } = result;
  const reason = isBreaking
    ? `Consumers whose ${name} satisfies \`${before.range}\` and not \`${after.range}\` get an install error.`
    : "More versions of the peer are taken.";
  return [makeChange(name, { change, before, after, bump: isBreaking ? "major" : "minor", reason })];
}

interface PeerChange extends Pick<ApiChange, "change" | "bump" | "reason"> {
  before?: Peer | undefined;
  after?: Peer | undefined;
}

function makeChange(name: string, { before, after, ...facts }: PeerChange): ApiChange {
  return {
    kind: "peer",
    where: `peerDependencies.${name}`,
    ...(before === undefined ? {} : { before: print(before) }),
    ...(after === undefined ? {} : { after: print(after) }),
    ...facts,
  };
}

function print({ range, isOptional }: Peer): string {
  return isOptional ? `${range} (optional)` : range;
}
