import { createHash } from "node:crypto";
import type { ReleasePlan } from "@hxp/evidence";

/** One package of a plan. */
export type PlannedPackage = ReleasePlan["packages"][number];

/** A plan before packing: which packages and versions, not yet which bytes. */
export interface DraftPlan extends Omit<ReleasePlan, "packages" | "releaseCommit" | "tools"> {
  packages: Omit<PlannedPackage, "tarball">[];
}

/** The bytes of a plan that are signed and digested: JSON with sorted keys, two spaces, one newline at the end. */
export function serialisePlan(plan: ReleasePlan): string {
  return `${JSON.stringify(sortKeys(plan), null, 2)}\n`;
}

/** The release's id: the SHA-256 of the serialised plan, hex. */
export function planDigest(serialised: string): string {
  return createHash("sha256").update(serialised).digest("hex");
}

/** A copy of JSON data in which the keys of every object are sorted, so that equal data gives equal bytes. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((entry) => sortKeys(entry));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, entry]) => [key, sortKeys(entry)]));
}
