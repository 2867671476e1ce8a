import type { Component } from "@hxp/release-gates";
import type { Candidate, Subject } from "./propose-changes.ts";
import { type Accept, versionsIn } from "./choose-versions.ts";
import type { ResolveWorld } from "./resolve-world.ts";

const mostOverrides = 2;

/**
 * Proposes overrides by versions that every dependant takes, in all versions in which the dependency is there. What a
 * dependant does not take would be tested here and not be what consumers get.
 */
export async function proposeOverrides(
  { name, version, closure }: Subject,
  world: ResolveWorld,
  accept?: Accept,
): Promise<Candidate[]> {
  const ranges = await readRanges(name, { closure, world });
  const versions = versionsIn(await world.facts(name), ranges, accept).filter((candidate) => candidate !== version);
  return versions.slice(0, mostOverrides).map((to) => [{ kind: "override", selector: name, to }]);
}

/** What the packages of a closure ask for by a name. */
async function readRanges(
  name: string,
  { closure, world }: { closure: Subject["closure"]; world: ResolveWorld },
): Promise<string[]> {
  const ids = new Set(closure.components.filter((component) => component.name === name).map(({ id }) => id));
  const ranges = [closure.root, ...closure.components].map(async (component) => {
    const link = component.dependencies.find(({ id }) => ids.has(id));
    if (link === undefined) return [];
    const range = await rangeOf(component, { name: link.name, world });
    return range === undefined ? [] : [range];
  });
  return (await Promise.all(ranges)).flat();
}

type Asking = Pick<Component, "name" | "version" | "folder">;

async function rangeOf(asking: Asking, wanted: { name: string; world: ResolveWorld }): Promise<string | undefined> {
  const { name, world } = wanted;
  if (asking.folder !== undefined) return ownRange(asking.folder, wanted);
  const manifest = (await world.facts(asking.name))?.version(asking.version)?.manifest;
  const ranges = { ...manifest?.optionalDependencies, ...manifest?.dependencies };
  return ranges[name] ?? manifest?.peers.get(name)?.range;
}

function ownRange(folder: string, { name, world }: { name: string; world: ResolveWorld }): string | undefined {
  const { dependencies, optionalDependencies, peerDependencies } = world.manifest(folder);
  const range = { ...peerDependencies, ...optionalDependencies, ...dependencies }[name];
  const [, catalog] = /^catalog:(.*)$/.exec(range ?? "") ?? [];
  return catalog === undefined ? range : world.catalog(catalog === "" ? "default" : catalog, name);
}
