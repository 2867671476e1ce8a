import type { PackedManifest } from "../contents/packed-manifest.ts";
import { readTarget } from "../versions/read-target.ts";
import type { CellDependency } from "./cell.ts";

/** A dependency that a packed manifest names. */
export interface DirectDependency {
  /** As it is imported. */
  name: string;
  /** As the manifest has it. */
  range: string;
  kind: CellDependency["kind"];
  /** The package behind the name: another one where the manifest has an alias. */
  target: string;
  /** What of the range is about versions. */
  versions: string;
  /** A peer that a consumer may leave out. */
  isOptionalPeer: boolean;
}

/** Dependencies, optional ones and peers of a packed manifest, by name; development does not concern consumers. */
export function readDirectDependencies(manifest: PackedManifest): DirectDependency[] {
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = manifest;
  const meta = Object(manifest["peerDependenciesMeta"]) as Record<string, { optional?: boolean } | undefined>;
  const all = new Map<string, DirectDependency>();
  // npm takes what stands in several sections as optional rather than needed, and as a dependency rather than a peer.
  for (const [name, range] of Object.entries(peerDependencies)) {
    all.set(name, { ...describe(name, range), kind: "peer", isOptionalPeer: meta[name]?.optional === true });
  }
  for (const [name, range] of Object.entries(dependencies))
    all.set(name, { ...describe(name, range), kind: "dependency" });
  for (const [name, range] of Object.entries(optionalDependencies)) {
    all.set(name, { ...describe(name, range), kind: "optional" });
  }
  return [...all.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function describe(name: string, range: string): Omit<DirectDependency, "kind"> {
  return { name, range, ...readTarget(name, range), isOptionalPeer: false };
}
