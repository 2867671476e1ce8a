import type { Component, ProductionClosure } from "../closure/component.ts";
import type { Lockfile } from "../closure/read-lockfile.ts";
import { idOf, referencesOf } from "../closure/read-production-closure.ts";
import type { GatePackage, JsonObject } from "../gate.ts";
import type { ConflictsPolicy } from "../policy/conflicts-policy.ts";
import { splitId } from "../versions/split-id.ts";
import { type ManifestFacts, type PackageFacts, readManifestFacts } from "./package-facts.ts";

/** One package at one place of the lockfile: the same version with other peers is another node. */
export interface GraphNode {
  key: string;
  /** Id of the component. */
  id: string;
  name: string;
  version: string;
  isOwn: boolean;
  /** As published, not as overrides of the workspace have it. */
  manifest: ManifestFacts;
  /** What the lockfile resolved, by the name in the manifest. */
  resolved: ReadonlyMap<string, { key: string; optional: boolean }>;
}

/** What a consumer of one released package installs. */
export interface ReleaseGraph {
  released: GatePackage;
  closure: ProductionClosure;
  components: ReadonlyMap<string, Component>;
  root: GraphNode;
  /** By key, the root first, in the order of a walk from it. */
  nodes: ReadonlyMap<string, GraphNode>;
}

/** All that the rules look at. */
export interface ConflictFacts {
  graphs: readonly ReleaseGraph[];
  packages: ReadonlyMap<string, PackageFacts | undefined>;
  /** Scripts of installed packages that run when they are installed, by id: what lies on disk, whatever a registry says. */
  installedScripts: ReadonlyMap<string, readonly string[]>;
  policy: ConflictsPolicy;
  /** Exact Node versions that consumers are promised. */
  promisedNodes: readonly string[];
  now: Date;
}

/** What a graph is read from. */
interface GraphSources {
  lockfile: Lockfile;
  /** What the registry says, by name. */
  packages: ReadonlyMap<string, PackageFacts | undefined>;
}

/** Walks the lockfile from a released package, and joins what is resolved with what was published. */
export function readReleaseGraph(
  released: GatePackage,
  closure: ProductionClosure,
  { lockfile, packages }: GraphSources,
): ReleaseGraph {
  const start = `link:${closure.root.folder}`;
  const nodes = new Map<string, GraphNode>();
  const keys = new Set([start]);
  // A set visits what the loop adds, in order.
  for (const key of keys) {
    const resolved = new Map(
      referencesOf(lockfile, key).map(({ name, key: target, optional }) => [name, { key: target, optional }]),
    );
    for (const { key: target } of resolved.values()) keys.add(target);
    nodes.set(key, { ...describe(key, { lockfile, packages }), resolved });
  }
  const root = nodes.get(start);
  if (root === undefined) throw new Error(`no node for ${start}`);
  const components = new Map(closure.components.map((component) => [component.id, component]));
  return { released, closure, components, root, nodes };
}

function describe(key: string, { lockfile, packages }: GraphSources): Omit<GraphNode, "resolved"> {
  const id = idOf(lockfile, key);
  const [name, version] = splitId(id);
  const importer = key.startsWith("link:") ? lockfile.importers.get(key.slice("link:".length)) : undefined;
  const isOwn = importer !== undefined;
  const published = isOwn ? undefined : packages.get(name)?.version(version)?.manifest;
  const fallback = isOwn ? withoutCatalogs(importer.manifest, lockfile) : lockfile.packages.get(id);
  return { key, id, name, version, isOwn, manifest: published ?? readManifestFacts(fallback) };
}

const sections = ["dependencies", "optionalDependencies", "peerDependencies"] as const;

/** pnpm writes the range of the catalog into what is published. */
function withoutCatalogs(manifest: object, { catalogs }: Lockfile): object {
  const read = manifest as JsonObject;
  const resolve = (name: string, range: unknown): unknown => {
    if (typeof range !== "string" || !range.startsWith("catalog:")) return range;
    return catalogs.get(range.slice("catalog:".length) || "default")?.get(name) ?? range;
  };
  const resolved = sections.map((section) => [
    section,
    Object.fromEntries(Object.entries(read[section] ?? {}).map(([name, range]) => [name, resolve(name, range)])),
  ]);
  return { ...read, ...Object.fromEntries(resolved) };
}

/** The shortest way from the released package to a component, as text. */
export function wayTo({ components }: ReleaseGraph, id: string): string {
  return (components.get(id)?.dependencyPaths[0] ?? [id]).join(" > ");
}

/** How many links a component is away from the released package; 1 for what it names itself. */
export function depthOf({ components }: ReleaseGraph, id: string): number {
  return (components.get(id)?.dependencyPaths[0]?.length ?? 1) - 1;
}
