import type { ProductionClosure } from "@hxp/release-gates";
import type { ManifestField } from "./change.ts";
import type { ResolveWorld } from "./resolve-world.ts";

/** Where a package of the workspace names what brings a dependency. */
export interface Site {
  /** Folder of the naming package, relative to the workspace. */
  folder: string;
  field: ManifestField;
  /** The named dependency: the one that is looked for, or one that brings it. */
  name: string;
  version: string;
  range: string;
}

const fields = ["dependencies", "optionalDependencies", "devDependencies"] as const;

/** Finds the manifests of this workspace by which a dependency, `name@version`, gets into a closure. */
export function findSites(closure: ProductionClosure, id: string, world: ResolveWorld): Site[] {
  const byId = new Map([closure.root, ...closure.components].map((component) => [component.id, component]));
  const paths = byId.get(id)?.dependencyPaths ?? [];
  const sites = paths.flatMap((path) => {
    const own = path.findLastIndex((step) => byId.get(step)?.folder !== undefined);
    const [naming, named] = [byId.get(path[own] ?? ""), byId.get(path[own + 1] ?? "")];
    const link = naming?.dependencies.find((dependency) => dependency.id === named?.id);
    if (naming?.folder === undefined || named === undefined || link === undefined) return [];
    return siteIn(naming.folder, { name: link.name, version: named.version }, world);
  });
  return [...new Map(sites.map((site) => [`${site.folder} ${site.name}`, site])).values()];
}

/** Finds where a package of the workspace names a dependency; a peer counts where it is installed for development. */
export function siteIn(
  folder: string,
  { name, version }: { name: string; version: string },
  { manifest }: Pick<ResolveWorld, "manifest">,
): Site[] {
  const named = manifest(folder);
  return fields.flatMap((field) => {
    const range = named[field]?.[name];
    return range === undefined || range.startsWith("workspace:") ? [] : [{ folder, field, name, version, range }];
  });
}
