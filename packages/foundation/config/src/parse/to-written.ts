import { formatPath, type Path } from "../path.ts";
import { at, type Finding } from "../problem.ts";
import { readText } from "../reference.ts";
import { childFields, type Field, type Fields, fieldsAt, typesOf } from "../schema/field.ts";
import type { Secret } from "../secret.ts";
import type { ConfigNode, MapNode, Place, ScalarNode } from "../tree.ts";

/** A secret that a config refers to, and where. */
export interface FoundSecret {
  path: Path;
  secret: Secret;
  place: Place;
}

/** A tree as plain data, ready for a schema. */
export interface WrittenTree {
  value: unknown;
  secrets: readonly FoundSecret[];
  findings: readonly Finding[];
}

interface Visit {
  node: ConfigNode;
  path: Path;
  fields: Fields;
}

/**
 * Turns a tree into plain data: references become secrets, `$${` becomes `${`, and keys set to null are left out
 * where the schema takes no null, so that null means "not set".
 */
export function toWritten(tree: ConfigNode, root: Field): WrittenTree {
  const secrets: FoundSecret[] = [];
  const findings: Finding[] = [];

  const visit = ({ node, path, fields }: Visit): unknown => {
    if (node.kind === "map") return visitMap(node, path, fields);
    if (node.kind === "scalar") return visitScalar(node, path);
    return node.items.map((item, index) =>
      visit({ node: item, path: [...path, index], fields: childFields(root, fields, index) }),
    );
  };

  const visitMap = (node: MapNode, path: Path, fields: Fields): unknown => {
    const entries = [...node.entries].flatMap(([key, { value }]) => {
      const below = childFields(root, fields, key);
      if (isNull(value) && !typesOf(below).has("null")) return [];
      return [[key, visit({ node: value, path: [...path, key], fields: below })] as const];
    });
    return Object.fromEntries(entries);
  };

  const visitScalar = (node: ScalarNode, path: Path): unknown => {
    if (typeof node.value === "string") return visitText(node.value, node, path);
    if (!losesDigits(node)) return node.value;
    findings.push(inexactInteger(node, path));
    return unreadable;
  };

  const visitText = (text: string, place: Place, path: Path): unknown => {
    const read = readText(text);
    if (read.kind === "text") return read.text;
    if (read.kind === "secret") {
      secrets.push({ path, secret: read.secret, place });
      return read.secret;
    }
    findings.push(invalidReference(place, path));
    return unreadable;
  };

  return { value: visit({ node: tree, path: [], fields: fieldsAt(root, []) }), secrets, findings };
}

/** Stands for a text that has a finding already, so that the schema's complaint about it is dropped. */
export const unreadable = Symbol("unreadable");

function isNull(node: ConfigNode): boolean {
  return node.kind === "scalar" && node.value === null;
}

/** Whether an integer was written that a number cannot hold to the last digit; `1e30` was meant to be round. */
function losesDigits({ value, source = "" }: ScalarNode): boolean {
  return typeof value === "number" && !Number.isSafeInteger(value) && /^[+-]?(\d+|0x[0-9a-f]+|0o[0-7]+)$/i.test(source);
}

function inexactInteger({ source = "", ...place }: ScalarNode, path: Path): Finding {
  const expected = `an integer from ${Number.MIN_SAFE_INTEGER} to ${Number.MAX_SAFE_INTEGER}, or a quoted text`;
  return {
    code: "CONFIG_VALUE_INVALID",
    severity: "error",
    path,
    ...at(place),
    message: `${formatPath(path)} is ${source}, which would lose digits; expected ${expected}.`,
    found: source,
    expected,
  };
}

function invalidReference(place: Place, path: Path): Finding {
  const expected = "${env:NAME} or ${file:/absolute/path} as the whole text, or $${ for a literal ${";
  return {
    code: "CONFIG_REFERENCE_INVALID",
    severity: "error",
    path,
    ...at(place),
    message: `${formatPath(path)} holds \${ but is not one whole reference; expected ${expected}.`,
    expected,
  };
}
