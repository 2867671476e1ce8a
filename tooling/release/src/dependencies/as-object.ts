import type { JsonObject } from "@hxp/release-gates";

/** The value when it is an object, and no list. */
export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}
