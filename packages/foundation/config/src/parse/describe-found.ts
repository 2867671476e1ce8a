import { redact } from "@hxp/errors";
import { isSecret } from "../secret.ts";

/** What stands in print for a value that must not be shown. */
export const mask = "***";

const longest = 60;

/** Says in words what was found: texts quoted and cut at 60 characters, collections by kind, secrets by reference. */
export function describeFound(value: unknown): string {
  if (value === undefined) return "nothing";
  if (isSecret(value)) return value.reference;
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object" && value !== null) return "a map";
  if (typeof value === "number") return String(value);
  if (typeof value !== "string") return JSON.stringify(value) ?? typeof value;
  const shown = redact(value);
  return JSON.stringify(shown.length > longest ? `${shown.slice(0, longest)}…` : shown);
}
