import type { z } from "@hxp/config";

type Issue = z.core.$ZodIssue;

/** What is wrong with a request, without the values that it has. */
export interface DescribedIssue {
  /** The field, such as `limits.budget.period`; undefined: the whole. */
  readonly param: string | undefined;
  readonly message: string;
}

/** Says what a schema found in the words of this house: `owner is missing; expected a text.` */
export function describeIssue(issue: Issue, value: unknown): DescribedIssue {
  if (issue.code === "unrecognized_keys") {
    const param = nameOf([...issue.path, issue.keys[0] ?? ""]);
    return { param, message: `${param} is a field that this request does not have.` };
  }
  const param = issue.path.length === 0 ? undefined : nameOf(issue.path);
  const found = valueAt(value, issue.path) === undefined ? "is missing" : "is not valid";
  return { param, message: `${param ?? "The request"} ${found}; expected ${describeExpected(issue)}.` };
}

function nameOf(path: readonly PropertyKey[]): string {
  return path.map(String).join(".");
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (parent, key) => (typeof parent === "object" && parent !== null ? Reflect.get(parent, key) : undefined),
    value,
  );
}

const types: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
};

function describeExpected(issue: Issue): string {
  if (issue.code === "invalid_type") return types[issue.expected] ?? issue.expected;
  if (issue.code === "invalid_value") return `one of ${issue.values.map(String).join(", ")}`;
  if (issue.code === "too_small" && issue.origin === "string" && issue.minimum === 1) return "a text that is not empty";
  if (issue.code === "too_small") return `at least ${issue.minimum}${unitOf(issue.origin)}`;
  if (issue.code === "too_big") return `at most ${issue.maximum}${unitOf(issue.origin)}`;
  if (issue.code !== "invalid_format") return "another value";
  if (issue.format === "datetime") return "a time in UTC, such as 2026-01-31T12:00:00Z";
  return `a text that matches ${issue.pattern ?? issue.format}`;
}

function unitOf(origin: string): string {
  return origin === "string" ? " characters" : origin === "array" ? " items" : "";
}
