import { formatPath, type Path } from "../path.ts";
import { at, type Finding } from "../problem.ts";
import { readText } from "../reference.ts";
import { childFields, type Field, type Fields, fieldsAt, typesOf } from "../schema/field.ts";
import type { Secret } from "../secret.ts";
import type { ConfigNode, MapNode, Place } from "../tree.ts";

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
    if (node.kind === "scalar") return typeof node.value === "string" ? visitText(node.value, node, path) : node.value;
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
