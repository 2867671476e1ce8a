import type { Origin } from "../origin.ts";
import { type Field, type Fields, childFields, isSecretField, typesOf } from "../schema/field.ts";
import type { ConfigNode } from "../tree.ts";
import { readYaml } from "./read-yaml.ts";

/** What {@link coerceText} goes by. */
export interface CoerceTarget {
  root: Field;
  /** The schema at the path that the text is for; empty for an unknown path. */
  fields: Fields;
  origin: Origin;
}

/**
 * Reads the text of a variable or argument as the type that the schema has at its path: text stays text; `true` and
 * `false` become truth values; decimal numbers become numbers; lists are `a,b` or YAML `[a, b]`; maps are YAML `{a: b}`;
 * `null`, where no text is taken, unsets. What does not fit stays text, for the schema to report.
 */
export function coerceText(text: string, target: CoerceTarget): ConfigNode {
  const { fields, origin } = target;
  const types = typesOf(fields);
  const takesText = types.has("string");
  if (isSecretField(fields)) return { kind: "scalar", origin, value: text };
  const plain = coerceScalar(text, types);
  if (typeof plain === "number") return { kind: "scalar", origin, value: plain, source: text };
  if (plain !== undefined) return { kind: "scalar", origin, value: plain };
  if (types.has("array") && !takesText && !text.startsWith("[")) return splitList(text, target);
  if (types.has("array") && text.startsWith("[")) return readStructure(text, target);
  if (types.has("object") && text.startsWith("{")) return readStructure(text, target);
  return { kind: "scalar", origin, value: text };
}

function coerceScalar(text: string, types: ReadonlySet<string>): number | boolean | null | undefined {
  if (types.has("boolean") && /^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  if ((types.has("number") || types.has("integer")) && isDecimal(text)) return Number(text);
  return text === "null" && types.size > 0 && !types.has("string") ? null : undefined;
}

function isDecimal(text: string): boolean {
  return /^[+-]?(\d+(\.\d+)?|\.\d+)(e[+-]?\d+)?$/i.test(text);
}

function splitList(text: string, { root, fields, origin }: CoerceTarget): ConfigNode {
  const parts = text.trim() === "" ? [] : text.split(",").map((part) => part.trim());
  const items = parts.map((part, index) =>
    coerceText(part, { root, origin, fields: childFields(root, fields, index) }),
  );
  return { kind: "list", origin, items };
}

function readStructure(text: string, { origin }: CoerceTarget): ConfigNode {
  const { tree, findings } = readYaml(text, () => origin);
  const readable = tree !== undefined && findings.length === 0;
  return readable ? withoutSpans(tree) : { kind: "scalar", origin, value: text };
}

/** Spans are offsets into a file; this text is none. */
function withoutSpans(node: ConfigNode): ConfigNode {
  const { span: _, ...place } = node;
  if (place.kind === "scalar") return place;
  if (place.kind === "list") return { ...place, items: place.items.map(withoutSpans) };
  const entries = [...place.entries].map(
    ([key, entry]) => [key, { key: { origin: place.origin }, value: withoutSpans(entry.value) }] as const,
  );
  return { ...place, entries: new Map(entries) };
}
