import type { GatePackage } from "@hxp/release-gates";
import type { RegistryClient } from "@hxp/release-registry";
import { compare } from "semver";
import type { ReadReleased } from "./read-released.ts";

/** A package as the plan has it. */
export interface PlannedVersion {
  name: string;
  version: string;
  /** What the channel points to; null where it does not yet. */
  expectedTag: string | null;
}

/**
 * The version before on the channel; on a channel that is new, the highest that the registry knows, a prerelease too.
 * Undefined only where it knows none. Throws what {@link ReadReleased} throws.
 */
export async function readPrevious(
  { name, version, expectedTag }: PlannedVersion,
  { client, read }: { client: Pick<RegistryClient, "readPackument">; read: ReadReleased },
): Promise<GatePackage["previous"]> {
  const packument = await client.readPackument(name);
  const others = Object.keys(packument?.versions ?? {}).filter((known) => known !== version);
  const previous = expectedTag ?? others.toSorted(compare).at(-1);
  return previous === undefined ? undefined : read(name, previous, packument);
}
