import { posix } from "node:path";
import type { Lockfile } from "../closure/read-lockfile.ts";
import { idOf, type Reference, referencesOf } from "../closure/read-production-closure.ts";
import { nameOf, versionOf } from "../versions/split-id.ts";
import type { Pin } from "./plan-consumer.ts";

/** What a lockfile says of a package's dependencies, of their dependencies, and of optional peers that it resolved. */
export interface LockedDependencies {
  /** Versions of the direct ones, by name; own packages are left out. */
  direct: ReadonlyMap<string, string>;
  /** One for each name that has one version, for the others one below each package that has them. */
  pins: Pin[];
  /** By `name@version`. */
  integrities: ReadonlyMap<string, string>;
}

interface Edge {
  parent: string;
  name: string;
  id: string;
}

/** Reads what the lockfile has for a package of the workspace; `folder` is relative to it. Throws LOCKFILE_INVALID. */
export function readLocked(lockfile: Lockfile, folder: string, ownNames: ReadonlySet<string>): LockedDependencies {
  const start = `link:${posix.normalize(folder).replace(/\/$/, "")}`;
  const below = (key: string): Reference[] =>
    key === start ? [...referencesOf(lockfile, key), ...optionalPeers(lockfile, key)] : referencesOf(lockfile, key);
  // A set visits what the loop adds.
  const keys = new Set([start]);
  const edges: Edge[] = [];
  for (const key of keys) {
    for (const reference of below(key)) {
      keys.add(reference.key);
      edges.push({ parent: idOf(lockfile, key), name: reference.name, id: idOf(lockfile, reference.key) });
    }
  }
  const foreign = edges.filter(({ id }) => !ownNames.has(nameOf(id)));
  const root = idOf(lockfile, start);
  const integrities = [...new Set(foreign.map(({ id }) => id))].map(
    (id) => [id, lockfile.packages.get(id)?.resolution.integrity ?? ""] as const,
  );
  return {
    direct: new Map(foreign.filter(({ parent }) => parent === root).map(({ name, id }) => [name, versionOf(id)])),
    pins: pinEdges(foreign),
    integrities: new Map(integrities.filter(([, integrity]) => integrity !== "")),
  };
}

/** They stand among what the workspace uses for development. */
function optionalPeers(lockfile: Lockfile, start: string): Reference[] {
  const importer = lockfile.importers.get(start.slice("link:".length));
  if (importer === undefined) return [];
  const { manifest, devDependencies } = importer;
  return Object.keys(manifest.peerDependencies).flatMap((name) => {
    const version = devDependencies[name]?.version ?? "";
    const key = [`${name}@${version}`, version].find((candidate) => lockfile.snapshots.has(candidate));
    return key === undefined ? [] : [{ name, key, optional: true }];
  });
}

function pinEdges(edges: readonly Edge[]): Pin[] {
  const versions = new Map<string, Set<string>>();
  for (const { name, id } of edges) versions.set(name, (versions.get(name) ?? new Set()).add(id));
  const pins = edges.map(({ parent, name, id }): Pin => {
    const spec = nameOf(id) === name ? versionOf(id) : `npm:${id}`;
    return versions.get(name)?.size === 1 ? { name, spec } : { parent, name, spec };
  });
  return [...new Map(pins.map((pin) => [`${pin.parent}>${pin.name}`, pin])).values()];
}
