import type { JsonObject } from "../gate.ts";

/** A value of hostile JSON as an object; empty where it is none. */
export function recordOf(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** The texts of a value of hostile JSON, by name. */
export function textsOf(value: unknown): Record<string, string> {
  const entries = Object.entries(recordOf(value)).filter(([, text]) => typeof text === "string");
  return Object.fromEntries(entries) as Record<string, string>;
}
