import { type ErrorCode, HxpError } from "@hxp/errors";
import type { z } from "zod";

const shownProblems = 5;

/** What {@link validate} throws, and about what. */
export interface ValidateOptions {
  code: ErrorCode;
  /** What is checked, for the message: "the statement". */
  what: string;
  /** Path of the value inside of `what`, for the message. */
  path?: readonly string[];
}

/** Checks a value against a schema and returns it as it came, unknown fields included; throws an error that names each wrong field. */
export function validate<T>(schema: z.ZodType<T>, value: unknown, options: ValidateOptions): T {
  const result = schema.safeParse(value);
  if (result.success) return value as T;
  const problems = result.error.issues.flatMap((issue) => describeIssue(issue, options.path ?? []));
  const more = problems.length > shownProblems ? `; and ${problems.length - shownProblems} more` : "";
  throw new HxpError(options.code, `${options.what}: ${problems.slice(0, shownProblems).join("; ")}${more}`, {
    details: { problems },
  });
}

function describeIssue(issue: z.core.$ZodIssue, path: readonly string[]): string[] {
  if (issue.code === "invalid_union" && issue.errors.length === 1) {
    return (issue.errors[0] ?? []).flatMap((inner) => describeIssue(inner, [...path, ...issue.path.map(String)]));
  }
  const field = [...path, ...issue.path.map(String)].join(".");
  return [field === "" ? issue.message : `${field}: ${issue.message}`];
}
