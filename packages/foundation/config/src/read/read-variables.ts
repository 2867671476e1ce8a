import { mergeTrees } from "../layer/merge-trees.ts";
import type { Origin } from "../origin.ts";
import { formatPath } from "../path.ts";
import type { Finding } from "../problem.ts";
import {
  childFields,
  type Field,
  type Fields,
  fieldsAt,
  isSecretField,
  keysOf,
  takesFreeKeys,
  typesOf,
} from "../schema/field.ts";
import { foldKey } from "../schema/nearest-key.ts";
import { type ConfigNode, nestNode } from "../tree.ts";
import { coerceText } from "./coerce-text.ts";
import { overrideFinding } from "./override-finding.ts";
import type { ReadResult } from "./read-yaml.ts";

/** Environment variables by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads the variables `HXP__SECTION__KEY` into a tree. Segments are parted by `__` and find their key without regard to
 * case, `_` and `-`; where the schema takes names of the user's, the name is lower case with `-` for `_`.
 * A secret's variable is not copied: the config gets the reference to it.
 */
export function readVariables(root: Field, variables: Variables, prefix = "HXP"): ReadResult {
  const start = `${prefix}__`;
  const named = Object.keys(variables).filter((name) => name.startsWith(start) && variables[name] !== undefined);
  const ordered = named.toSorted().toSorted((a, b) => depthOf(a) - depthOf(b));

  const findings: Finding[] = [];
  const seen = new Map<string, string>();
  let tree: ConfigNode | undefined;
  for (const variable of ordered) {
    const origin: Origin = { layer: "variables", variable };
    const target = findPath(root, variable.slice(start.length).split("__"));
    if (typeof target === "string") {
      findings.push(overrideFinding(origin, `The variable ${variable} ${target}.`));
      continue;
    }
    const path = formatPath(target);
    const previous = seen.get(path);
    if (previous !== undefined) {
      const message = `The variables ${previous} and ${variable} both set ${path}; ${previous} counts.`;
      findings.push({ code: "CONFIG_KEY_DUPLICATE", severity: "error", path: target, origin, message });
      continue;
    }
    seen.set(path, variable);
    const fields = fieldsAt(root, target);
    const text = valueOf(variables[variable] ?? "", variable, fields);
    const nested = nestNode(target, coerceText(text, { root, fields, origin }));
    tree = tree === undefined ? nested : mergeTrees(tree, nested);
  }
  return { tree, findings, broken: false };
}

function depthOf(name: string): number {
  return name.split("__").length;
}

function valueOf(text: string, variable: string, fields: Fields): string {
  return isSecretField(fields) && !text.startsWith("${") ? `\${env:${variable}}` : text;
}

/** The path that a variable's segments name, or what is wrong with them. */
function findPath(root: Field, segments: readonly string[]): string[] | string {
  const path: string[] = [];
  let fields = fieldsAt(root, []);
  for (const segment of segments) {
    if (segment === "") return "has an empty part between its underscores";
    if (typesOf(fields).has("array")) return `reaches into the list ${formatPath(path)}; a list is set as a whole`;
    const key = findKey(fields, segment);
    path.push(key);
    fields = childFields(root, fields, key);
  }
  return path;
}

function findKey(fields: Fields, segment: string): string {
  const known = keysOf(fields).find((key) => foldKey(key) === foldKey(segment));
  if (known !== undefined) return known;
  const lower = segment.toLowerCase();
  if (takesFreeKeys(fields)) return lower.replaceAll("_", "-");
  return lower.replaceAll(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
