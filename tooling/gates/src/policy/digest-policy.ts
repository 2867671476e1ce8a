import { createHash } from "node:crypto";
import type { ReleasePolicy } from "./policy-schema.ts";

/** Digest of a policy, `sha256:<hex>`, over its JSON with sorted keys: the order of writing does not count. */
export function digestPolicy(policy: ReleasePolicy): string {
  const text = JSON.stringify(policy, (_key, value: unknown) => (isRecord(value) ? sortKeys(value) : value));
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sortKeys(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
