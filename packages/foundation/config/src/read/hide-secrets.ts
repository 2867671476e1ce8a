import { mask, takesOnlyCollections } from "../parse/describe-found.ts";
import { readText } from "../reference.ts";
import { childFields, type Field, type Fields, fieldsAt, isSecretField } from "../schema/field.ts";
import type { ConfigNode, ScalarNode } from "../tree.ts";

/**
 * Takes out of a tree what stands in plain text where the schema has a secret, also where an alias brings it elsewhere,
 * and texts where only a map or a list belongs.
 * The parser still sees that something is there, and refuses it; nothing after this step can show it.
 */
export function hideSecrets(tree: ConfigNode, root: Field): ConfigNode {
  const hidden = new Set<ConfigNode>();
  const collect = (node: ConfigNode, fields: Fields): void => {
    if (node.kind === "list") {
      for (const [index, item] of node.items.entries()) collect(item, childFields(root, fields, index));
    } else if (node.kind === "map") {
      for (const [key, { value }] of node.entries) collect(value, childFields(root, fields, key));
    } else if (node.value !== null && (isSecretField(fields) || isBrokenCollection(node, fields))) hidden.add(node);
  };
  collect(tree, fieldsAt(root, []));
  return hidden.size === 0 ? tree : hide(tree, hidden);
}

function isBrokenCollection({ value }: ScalarNode, fields: Fields): boolean {
  return typeof value === "string" && takesOnlyCollections(fields);
}

function hide(node: ConfigNode, hidden: ReadonlySet<ConfigNode>): ConfigNode {
  if (node.kind === "scalar") return hidden.has(node) ? hideScalar(node) : node;
  if (node.kind === "list") return { ...node, items: node.items.map((item) => hide(item, hidden)) };
  const entries = [...node.entries].map(
    ([key, entry]) => [key, { ...entry, value: hide(entry.value, hidden) }] as const,
  );
  return { ...node, entries: new Map(entries) };
}

function hideScalar(node: ScalarNode): ScalarNode {
  const { source: _, ...place } = node;
  return { ...place, value: hideValue(node.value) };
}

function hideValue(value: ScalarNode["value"]): ScalarNode["value"] {
  const read = readText(String(value));
  if (read.kind === "secret") return value;
  return read.kind === "invalid" ? `\${${mask}}` : mask;
}
