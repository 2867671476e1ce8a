import { redact } from "@hxp/errors";
import { mask, showText } from "../parse/describe-found.ts";
import { readText } from "../reference.ts";
import { childFields, type Field, type Fields, isSecretField } from "../schema/field.ts";
import { isSecret } from "../secret.ts";
import type { ConfigNode } from "../tree.ts";

/** A config's value as it may be shown: a secret as its reference, passwords in texts masked. */
export function showValue(value: unknown): unknown {
  if (isSecret(value)) return value.reference;
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map(showValue);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, showValue(child)]));
}

/** What somebody wrote, as it may be shown: plain text is masked where the schema has a secret or has no such key. */
export function showNode(node: ConfigNode, root: Field, fields: Fields): unknown {
  if (node.kind === "list")
    return node.items.map((item, index) => showNode(item, root, childFields(root, fields, index)));
  if (node.kind === "scalar") return showScalar(node.value, fields);
  const entries = [...node.entries].map(
    ([key, { value }]) => [key, showNode(value, root, childFields(root, fields, key))] as const,
  );
  return Object.fromEntries(entries);
}

function showScalar(value: unknown, fields: Fields): unknown {
  const read = typeof value === "string" ? readText(value) : undefined;
  if (read?.kind === "secret") return read.secret.reference;
  if (value !== null && (fields.length === 0 || isSecretField(fields))) return mask;
  return typeof value === "string" ? showText(read?.kind === "text" ? read.text : value, fields) : value;
}
