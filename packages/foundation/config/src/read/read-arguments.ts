import { mergeTrees } from "../layer/merge-trees.ts";
import type { Origin } from "../origin.ts";
import { formatPath, parsePath } from "../path.ts";
import type { Finding } from "../problem.ts";
import { type Field, fieldsAt } from "../schema/field.ts";
import { type ConfigNode, nestNode } from "../tree.ts";
import { coerceText } from "./coerce-text.ts";
import { overrideFinding } from "./override-finding.ts";
import type { ReadResult } from "./read-yaml.ts";

/** Reads `--set path=value` pairs, such as `release.channel=next`, into a tree; a later pair overrides an earlier one. */
export function readArguments(root: Field, pairs: readonly string[]): ReadResult {
  const findings: Finding[] = [];
  let tree: ConfigNode | undefined;
  for (const [index, pair] of pairs.entries()) {
    const assignment = parseAssignment(pair);
    // The pair itself is not shown: it may hold a secret.
    const argument =
      assignment.path === undefined ? `--set number ${index + 1}` : `--set ${formatPath(assignment.path)}`;
    const origin: Origin = { layer: "arguments", argument };
    if (assignment.path === undefined) {
      findings.push(overrideFinding(origin, `The argument ${argument} ${assignment.fault}.`));
      continue;
    }
    const { path, text } = assignment;
    const leaf = coerceText(text, { root, fields: fieldsAt(root, path), origin });
    const nested = nestNode(path, leaf);
    tree = tree === undefined ? nested : mergeTrees(tree, nested);
  }
  return { tree, findings, broken: false };
}

type Assignment = { path: readonly string[]; text: string } | { path: undefined; fault: string };

const assignmentPattern = /^((?:[^="[\]]|\[\d+\]|\["(?:[^"\\]|\\.)*"\])+)=(.*)$/s;

function parseAssignment(pair: string): Assignment {
  const match = assignmentPattern.exec(pair);
  const path = parsePath(match?.[1] ?? "");
  if (match === null || path === undefined || path.length === 0) return { path: undefined, fault: "is not path=value" };
  const keys = path.filter((segment) => typeof segment === "string");
  if (keys.length < path.length) return { path: undefined, fault: "reaches into a list; a list is set as a whole" };
  if (keys.includes("__proto__")) return { path: undefined, fault: "names a reserved key" };
  return { path: keys, text: match[2] ?? "" };
}
