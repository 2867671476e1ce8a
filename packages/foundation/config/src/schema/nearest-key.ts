import { closestMatch } from "leven";

/** The valid key that a mistyped one most likely meant: same letters first, then up to a third of them different. */
export function nearestKey(key: string, valid: readonly string[]): string | undefined {
  const folded = foldKey(key);
  const same = valid.find((candidate) => foldKey(candidate) === folded);
  if (same !== undefined) return same;
  // Any two short keys are near each other.
  if (folded.length < 3) return undefined;
  const maxDistance = folded.length === 3 ? 1 : Math.max(2, Math.floor(folded.length / 3));
  const nearest = closestMatch(folded, valid.map(foldKey), { maxDistance });
  return valid.find((candidate) => foldKey(candidate) === nearest);
}

/** A key without case and separators: `TRUSTED_ROOT`, `trusted-root` and `trustedRoot` are one. */
export function foldKey(key: string): string {
  return key.toLowerCase().replaceAll(/[_-]/g, "");
}
