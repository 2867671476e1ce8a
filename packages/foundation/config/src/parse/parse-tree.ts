import type * as z from "zod";
import { formatPath, type Path } from "../path.ts";
import { at, type Finding } from "../problem.ts";
import type { ConfigSchema } from "../schema/define-schema.ts";
import { childFields, type Field, type Fields, fieldsAt, firstOf } from "../schema/field.ts";
import { type ConfigNode, keyPlaceOf } from "../tree.ts";
import { type IssueContext, issueFindings, unknownKey } from "./issue-findings.ts";
import { type FoundSecret, toWritten } from "./to-written.ts";
import { valueAt } from "./value-at.ts";

/** What a schema made of a tree. */
export interface ParsedTree {
  /** The top-level keys that are right, in normalised form: parsed one by one, so that rules can run beside errors. */
  sections: Readonly<Record<string, unknown>>;
  secrets: readonly FoundSecret[];
  findings: readonly Finding[];
}

/** Checks a tree against a schema and normalises it: defaults, units, references. All problems are found at once. */
export function parseTree(schema: ConfigSchema, tree: ConfigNode | undefined): ParsedTree {
  const root = schema.field;
  const empty: ConfigNode = { kind: "map", origin: { layer: "defaults" }, entries: new Map() };
  const written = toWritten(tree ?? empty, root);
  const context = { root, tree, written: written.value };
  const values = written.value as Record<string, unknown>;

  const shape: Record<string, z.core.SomeType> = schema.schema.shape;
  // Editors keep the address of the schema under $schema.
  const unknown = Object.keys(values).filter((key) => key !== "$schema" && !Object.hasOwn(shape, key));
  const findings = [...written.findings, ...unknown.map((key) => unknownKey([key], context))];
  const sections: Record<string, unknown> = {};
  for (const key of Object.keys(shape)) {
    const result = parseSection(shape[key] as z.ZodType, key, context);
    findings.push(...result.findings);
    if (result.data !== undefined) sections[key] = result.data;
  }
  return { sections, secrets: written.secrets, findings: [...findings, ...deprecations(root, tree)] };
}

function parseSection(schema: z.ZodType, key: string, context: IssueContext): { data?: unknown; findings: Finding[] } {
  try {
    const result = schema.safeParse(valueAt(context.written, [key]));
    if (result.success) return { data: result.data, findings: [] };
    return { findings: result.error.issues.flatMap((issue) => issueFindings(issue, [key], context)) };
  } catch (error) {
    const message = `The schema of ${key} failed: ${error instanceof Error ? error.name : "unknown"}`;
    return { findings: [{ code: "INTERNAL", severity: "error", path: [key], message }] };
  }
}

function deprecations(root: Field, tree: ConfigNode | undefined): Finding[] {
  const visit = (node: ConfigNode | undefined, path: Path, fields: Fields): Finding[] => {
    if (node?.kind === "list") {
      return node.items.flatMap((item, index) => visit(item, [...path, index], childFields(root, fields, index)));
    }
    if (node?.kind !== "map") return [];
    return [...node.entries].flatMap(([key, { value }]) => {
      const below = childFields(root, fields, key);
      const childPath = [...path, key];
      const isOld = firstOf(below, "deprecated") === true && value.origin.layer !== "defaults";
      return [...(isOld ? [deprecation(tree, childPath, below)] : []), ...visit(value, childPath, below)];
    });
  };
  return visit(tree, [], fieldsAt(root, []));
}

function deprecation(tree: ConfigNode | undefined, path: Path, fields: Fields): Finding {
  const advice = firstOf(fields, "deprecationMessage") ?? "remove it";
  return {
    code: "CONFIG_KEY_DEPRECATED",
    severity: "warning",
    path,
    ...at(keyPlaceOf(tree, path)),
    message: `${formatPath(path)} is deprecated: ${advice}.`,
    expected: advice,
  };
}
