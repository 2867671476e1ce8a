import { createHash } from "node:crypto";
import type { ReleasePlan } from "../statement/release-plan.ts";
import type { Subject } from "../statement/statement.ts";

/** One package of a plan. */
export type PlannedPackage = ReleasePlan["packages"][number];

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

/** The subject that names a package's tarball: its package URL and SHA-512. */
export function tarballSubject({ name, version, tarball }: PlannedPackage): Required<Subject> {
  const sha512 = Buffer.from(tarball.integrity.slice("sha512-".length), "base64").toString("hex");
  return { name: packageUrl(name, version), digest: { sha512 } };
}

/** Package URL of an npm package version. */
export function packageUrl(name: string, version: string): string {
  return `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;
}
