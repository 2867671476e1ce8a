import type { Component } from "../closure/component.ts";
import type { GateInput } from "../gate.ts";
import type { Advisory } from "./advisory.ts";
import { askRegistry, type RegistryAnswer } from "./ask-registry.ts";
import type { DatabaseManifest } from "./database/database-format.ts";
import { openAdvisoryDatabase } from "./database/open-database.ts";

/** What is known against packages, by their name, and from where. */
export interface AdvisorySources {
  advisories: Map<string, readonly Advisory[]>;
  /** The imported snapshot; undefined where there is none. */
  snapshot: DatabaseManifest | undefined;
  registry: RegistryAnswer;
}

/**
 * Reads the snapshot and asks the registry; what it serves counts though it proves nothing by itself. Throws
 * ADVISORY_DATABASE_INVALID, and the signal's reason.
 */
export async function readSources(
  { databases, upstream, signal, policy }: Pick<GateInput, "databases" | "upstream" | "signal" | "policy">,
  components: readonly Component[],
): Promise<AdvisorySources> {
  const advisories = new Map<string, readonly Advisory[]>();
  await using database = await openAdvisoryDatabase(databases);
  const names = new Set(components.map(({ name }) => name));
  for (const [name, known] of (await database?.find(names)) ?? []) advisories.set(name, known);
  const { served, ...registry } = await askRegistry({ upstream, signal, canary: policy.advisories.canary }, components);
  for (const [name, known] of served) advisories.set(name, [...(advisories.get(name) ?? []), ...known]);
  return { advisories, snapshot: database?.manifest, registry };
}
