import type * as z from "zod";
import { formatPath, type Path } from "../path.ts";
import { at, type Finding } from "../problem.ts";
import { type Field, fieldsAt, isSecretField, keysOf } from "../schema/field.ts";
import { nearestKey } from "../schema/nearest-key.ts";
import { isSecret } from "../secret.ts";
import { type ConfigNode, keyPlaceOf, nodeAt, placeOf } from "../tree.ts";
import { describeExpected } from "./describe-field.ts";
import { describeFound, mask } from "./describe-found.ts";
import { unreadable } from "./to-written.ts";
import { valueAt } from "./value-at.ts";

type Issue = z.core.$ZodIssue;

/** What issues are about. */
export interface IssueContext {
  root: Field;
  tree: ConfigNode | undefined;
  /** The plain data that the schema was given. */
  written: unknown;
}

/** Turns a zod issue into findings; `base` is the path of what zod looked at. */
export function issueFindings(issue: Issue, base: Path, context: IssueContext): Finding[] {
  const path = [...base, ...issue.path.map((segment) => (typeof segment === "number" ? segment : String(segment)))];
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey([...path, key], context));
  if (issue.code === "invalid_key") return [invalidKey(path, context)];
  if (issue.code === "invalid_union") return unionFindings(issue, path, context);
  return valueFindings(issue, path, context);
}

/** The finding for a key that the schema does not have. */
export function unknownKey(path: Path, { root, tree }: IssueContext): Finding {
  const parent = path.slice(0, -1);
  const valid = keysOf(fieldsAt(root, parent));
  const suggestion = nearestKey(String(path.at(-1)), valid);
  const expected = valid.length === 0 ? "no key" : `one of ${valid.join(", ")}`;
  const where = parent.length === 0 ? "at the top level" : `in ${formatPath(parent)}`;
  const hint = suggestion === undefined ? `expected ${expected}` : `did you mean ${suggestion}?`;
  return {
    code: "CONFIG_KEY_UNKNOWN",
    severity: "error",
    path,
    ...at(keyPlaceOf(tree, path)),
    message: `Unknown key ${JSON.stringify(String(path.at(-1)))} ${where}; ${hint}${hint.endsWith("?") ? "" : "."}`,
    found: String(path.at(-1)),
    expected,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

function invalidKey(path: Path, { root, tree }: IssueContext): Finding {
  const names = fieldsAt(root, path.slice(0, -1)).flatMap(({ propertyNames }) => propertyNames ?? []);
  const found = JSON.stringify(String(path.at(-1)));
  const expected = describeExpected(names);
  const message = `Found the name ${found} in ${formatPath(path.slice(0, -1))}, expected ${expected}.`;
  return {
    code: "CONFIG_KEY_INVALID",
    severity: "error",
    path,
    ...at(keyPlaceOf(tree, path)),
    message,
    found,
    expected,
  };
}

function unionFindings(issue: z.core.$ZodIssueInvalidUnion, path: Path, context: IssueContext): Finding[] {
  // The branch that was meant is the one that fits at its root; when several do, the one with the fewest problems.
  const meant = issue.errors
    .filter((branch) => branch.length > 0 && branch.every((each) => !isRootMismatch(each)))
    .toSorted((a, b) => a.length - b.length);
  const [first, second] = meant;
  const isClear = first !== undefined && (second === undefined || first.length < second.length);
  if (!isClear) return valueFindings(issue, path, context);
  return first.flatMap((each) => issueFindings(each, path, context));
}

function isRootMismatch(issue: Issue): boolean {
  return issue.path.length === 0 && issue.code !== "unrecognized_keys";
}

function valueFindings(issue: Issue, path: Path, context: IssueContext): Finding[] {
  const { root, tree, written } = context;
  const value = valueAt(written, path);
  if (value === unreadable) return [];
  const fields = fieldsAt(root, path);
  const name = path.length === 0 ? "The config" : formatPath(path);
  const expected = describeExpected(fields);
  const base = { severity: "error", path, ...at(placeOf(tree, path)), expected } as const;
  if (value === undefined) {
    const message = `${name} is not set, expected ${expected}.`;
    return [{ ...base, code: "CONFIG_KEY_MISSING", message }];
  }
  if (isSecretField(fields) && typeof value === "string") {
    const message = `${name} holds a secret in plain text, expected ${expected}.`;
    return [{ ...base, code: "CONFIG_SECRET_LITERAL", message, found: mask }];
  }
  const found = sourceOf(value, nodeAt(tree, path)) ?? describeFound(value, fields);
  if (isSecret(value)) {
    const message = `${name} takes no reference: found ${found}, expected ${expected}.`;
    return [{ ...base, code: "CONFIG_REFERENCE_MISPLACED", message, found }];
  }
  const said = issue.code === "custom" && issue.message !== "Invalid input" ? `, which ${issue.message}` : "";
  const message = `${name} is ${found}${said}; expected ${expected}.`;
  return [{ ...base, code: "CONFIG_VALUE_INVALID", message, found }];
}

/** A number as it was written: 1.10 and 0123 say what went wrong, 1.1 and 123 do not. */
function sourceOf(value: unknown, node: ConfigNode | undefined): string | undefined {
  return typeof value === "number" && node?.kind === "scalar" && node.value === value ? node.source : undefined;
}
