import { mapConcurrently } from "../map-concurrently.ts";
import { deprecationOf } from "../client/packument.ts";
import type { RegistryClient } from "../client/registry-client.ts";

/** A version as a registry has it. */
export interface VersionState {
  /** `sha512-…`; undefined where the registry names none. */
  readonly integrity?: string;
  /** The deprecation message, where there is one. */
  readonly deprecated?: string;
}

/** A package as a registry has it; a package that is not there has no tags and no versions. */
export interface PackageState {
  readonly tags: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, VersionState>>;
}

/** Packages as a registry has them, by name. */
export type RegistryState = Readonly<Record<string, PackageState>>;

/** Reads tags, versions, digests and deprecations of packages. The records have no prototype. */
export async function readRegistryState(client: RegistryClient, names: readonly string[]): Promise<RegistryState> {
  const states = await mapConcurrently(names, client.concurrency, async (name) => [
    name,
    await readState(client, name),
  ]);
  return toRecord(states as [string, PackageState][]);
}

async function readState(client: RegistryClient, name: string): Promise<PackageState> {
  const packument = await client.readPackument(name);
  const versions = Object.values(packument?.versions ?? {}).map((entry): [string, VersionState] => {
    const { integrity } = entry.dist;
    const deprecated = deprecationOf(entry);
    return [
      entry.version,
      { ...(integrity === undefined ? {} : { integrity }), ...(deprecated === undefined ? {} : { deprecated }) },
    ];
  });
  return { tags: toRecord(Object.entries(packument?.["dist-tags"] ?? {})), versions: toRecord(versions) };
}

/** Names come from a registry, `__proto__` among them. */
function toRecord<Value>(entries: [string, Value][]): Record<string, Value> {
  const record = Object.create(null) as Record<string, Value>;
  for (const [key, value] of entries) record[key] = value;
  return record;
}
