import { compare } from "semver";
import type { GateInput, GatePackage } from "../gate.ts";
import { isEarlierRelease } from "../api/bump.ts";

/** How many releases are looked through for one to compare with. */
const longestHistory = 50;

/**
 * The release that consumers of a version come from: the last full release below it. A prerelease is nobody's past, and
 * a patch of an old line is compared with that line. Undefined where there is none: then nothing was promised yet.
 */
export async function chooseBase(
  { name, version, previous }: GatePackage,
  input: Pick<GateInput, "history">,
): Promise<GatePackage["previous"]> {
  if (previous !== undefined && isEarlierRelease(previous.version, version)) return previous;
  const earlier = (await input.history(name, longestHistory)).filter((entry) =>
    isEarlierRelease(entry.version, version),
  );
  return earlier.toSorted((a, b) => compare(b.version, a.version))[0];
}
