import type { ConfigNode, MapEntry } from "../tree.ts";

/**
 * Lays one tree over another: maps merge by key, anything else replaces. Associative. A merged map keeps the place at
 * which it was first written, defaults aside: that is where a key that it lacks would stand.
 */
export function mergeTrees(low: ConfigNode, high: ConfigNode): ConfigNode {
  if (high.kind !== "map" || high.replaces === true) return high;
  if (low.kind !== "map") return { ...high, replaces: true };
  const entries = new Map(low.entries);
  for (const [key, entry] of high.entries) entries.set(key, mergeEntries(low.entries.get(key), entry));
  const { kind, origin, span } = low.origin.layer === "defaults" ? high : low;
  return { kind, origin, entries, ...(span && { span }), ...(low.replaces === true && { replaces: true }) };
}

function mergeEntries(low: MapEntry | undefined, high: MapEntry): MapEntry {
  return low === undefined ? high : { key: high.key, value: mergeTrees(low.value, high.value) };
}
