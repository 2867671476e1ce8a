import { mergeTrees } from "../layer/merge-trees.ts";
import { type Field, alternatives } from "../schema/field.ts";
import { type ConfigNode, type MapEntry, toNode } from "../tree.ts";

const origin = { layer: "defaults" } as const;

/** Makes the lowest layer: every default of the schema, in sections that have one themselves, so that they are always there. */
export function readDefaults(root: Field): ConfigNode {
  return defaultsOf(root, root);
}

function defaultsOf(root: Field, field: Field): ConfigNode {
  const entries = new Map<string, MapEntry>();
  for (const [key, child] of Object.entries(field.properties ?? {})) {
    const value = defaultOf(root, child);
    if (value !== undefined) entries.set(key, { key: { origin }, value });
  }
  return { kind: "map", origin, entries };
}

function defaultOf(root: Field, field: Field): ConfigNode | undefined {
  const given = alternatives(root, field).find((each) => each.default !== undefined)?.default;
  if (given === undefined) return undefined;
  const node = toNode(given, origin);
  return node.kind === "map" ? mergeTrees(defaultsOf(root, field), node) : node;
}
