import type { GateInput, GatePackage } from "../gate.ts";
import { isEarlierRelease } from "./is-earlier-release.ts";

/**
 * The release that consumers of a version come from: the last full release below it. A prerelease is nobody's past, and
 * a patch of an old line is compared with that line. Undefined where there is none: then nothing was promised yet.
 */
export async function chooseBase(
  { name, version, previous }: GatePackage,
  input: Pick<GateInput, "history">,
): Promise<GatePackage["previous"]> {
  if (previous !== undefined && isEarlierRelease(previous.version, version)) return previous;
  const [base] = await input.history(name, 1, version);
  return base;
}
