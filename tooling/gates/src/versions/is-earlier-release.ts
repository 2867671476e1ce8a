import { lt, prerelease } from "semver";
import { parseVersion } from "./parse-version.ts";

/** Whether a version is a full release below the one that another is or leads to. Throws GATES_INVALID for what is no version. */
export function isEarlierRelease(version: string, to: string): boolean {
  return prerelease(parseVersion(version)) === null && lt(version, parseVersion(to));
}
