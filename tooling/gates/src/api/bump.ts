import { major } from "semver";
import { parseVersion } from "../versions/parse-version.ts";
import type { Bump } from "./api-change.ts";

const ranks: Readonly<Record<Bump, number>> = { patch: 0, minor: 1, major: 2 };

/** The larger of bumps; patch for none. */
export function largestBump(bumps: readonly Bump[]): Bump {
  return bumps.reduce<Bump>((largest, bump) => (isSmaller(largest, bump) ? bump : largest), "patch");
}

/** Whether a bump promises less than another. */
export function isSmaller(bump: Bump, other: Bump): boolean {
  return ranks[bump] < ranks[other];
}

/** What a bump from a version must be at least: below 1.0.0 a minor may break, and a patch may do anything else. */
export function leastBump(needed: Bump, from: string): Bump {
  if (major(from) > 0) return needed;
  return needed === "major" ? "minor" : "patch";
}

/**
 * What a step between two versions declares. A prerelease declares what the release that it leads to will:
 * 1.4.0 → 2.0.0-beta.3 is a major. Throws GATES_INVALID for what is no version.
 */
export function declaredBump(from: string, to: string): Bump {
  const [before, after] = [parseVersion(from), parseVersion(to)];
  if (before.major !== after.major) return "major";
  return before.minor === after.minor ? "patch" : "minor";
}
