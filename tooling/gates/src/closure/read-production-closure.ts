import { posix } from "node:path";
import { HxpError } from "@hxp/errors";
import { splitId } from "../versions/split-id.ts";
import { addPaths } from "./add-paths.ts";
import type { Component, ComponentLink, ProductionClosure } from "./component.ts";
import { packageUrl } from "./package-url.ts";
import { type Importer, type Lockfile, readLockfile } from "./read-lockfile.ts";

/**
 * Reads from pnpm-lock.yaml (version 9) everything that a package needs in production: dependencies, optional
 * dependencies for every platform, and peers, but for optional ones, as the workspace resolved them; links to packages of the workspace are
 * followed. `packageFolder` is relative to the workspace. Throws LOCKFILE_INVALID.
 */
export async function readProductionClosure(workspace: string, packageFolder: string): Promise<ProductionClosure> {
  return resolveClosure(await readLockfile(workspace), packageFolder);
}

/** {@link readProductionClosure} for a lockfile that is already read. Throws LOCKFILE_INVALID. */
export function resolveClosure(lockfile: Lockfile, packageFolder: string): ProductionClosure {
  const folder = posix.normalize(packageFolder).replace(/\/$/, "");
  const start = `link:${folder}`;
  const components = new Map<string, Component>();
  // The same version with other peers is a key of its own, but the same component. A set visits what the loop adds.
  const keys = new Set([start]);
  for (const key of keys) {
    const references = referencesOf(lockfile, key);
    for (const reference of references) keys.add(reference.key);
    const links = references.map(({ name, key: target, optional }) => ({ name, id: idOf(lockfile, target), optional }));
    const id = idOf(lockfile, key);
    const known = components.get(id) ?? describe(lockfile, key);
    components.set(id, { ...known, dependencies: mergeLinks(known.dependencies, links) });
  }
  const root = components.get(idOf(lockfile, start)) ?? describe(lockfile, start);
  components.delete(root.id);
  return addPaths({ ...root, folder }, [...components.values()]);
}

/** `key` is `link:<folder>` for a package of the workspace, else a key of the lockfile's snapshots. */
export interface Reference {
  name: string;
  key: string;
  optional: boolean;
}

/** What stands below one package of the lockfile, its resolved peers included. Throws LOCKFILE_INVALID. */
export function referencesOf(lockfile: Lockfile, key: string): Reference[] {
  const folder = folderOf(key);
  if (folder !== undefined) return importerReferences(lockfile, folder);
  const { dependencies = {}, optionalDependencies = {} } = lockfile.snapshots.get(key) ?? {};
  const toReferences = (section: Record<string, string>, optional: boolean): Reference[] =>
    Object.entries(section).map(([name, version]) => ({
      name,
      key: resolveKey(lockfile, { name, version, folder: "." }),
      optional,
    }));
  return [...toReferences(dependencies, false), ...toReferences(optionalDependencies, true)];
}

function importerReferences(lockfile: Lockfile, folder: string): Reference[] {
  const { dependencies, optionalDependencies, devDependencies, manifest } = importerAt(lockfile, folder);
  const isPeer = (name: string): boolean => Object.hasOwn(manifest.peerDependencies, name);
  const isOptionalPeer = (name: string): boolean => manifest.peerDependenciesMeta[name]?.optional === true;
  const toReferences = (section: Importer["dependencies"], isOptional: (name: string) => boolean): Reference[] =>
    Object.entries(section).map(([name, { version }]) => ({
      name,
      key: resolveKey(lockfile, { name, version, folder }),
      optional: isOptional(name),
    }));
  // A peer is resolved among the development dependencies, unless pnpm installed it by itself among the others. An
  // optional one that is only there for development is not what a consumer gets.
  const isNeeded = (name: string): boolean => isPeer(name) && !isOptionalPeer(name);
  const peers = Object.fromEntries(Object.entries(devDependencies).filter(([name]) => isNeeded(name)));
  return [
    ...toReferences({ ...peers, ...dependencies }, isOptionalPeer),
    ...toReferences(optionalDependencies, () => true),
  ];
}

/** Finds the key for what stands beside a dependency's name: a version, a link, or, for an alias, the whole key. */
function resolveKey(lockfile: Lockfile, from: { name: string; version: string; folder: string }): string {
  const { name, version, folder } = from;
  if (version.startsWith("link:")) return `link:${posix.join(folder, version.slice("link:".length))}`;
  const key = [`${name}@${version}`, version].find((candidate) => lockfile.snapshots.has(candidate));
  if (key === undefined) throw invalid(`it has no snapshot of ${name} ${version}, which ${folder} refers to`);
  const directory = lockfile.packages.get(baseOf(key))?.resolution.directory;
  return directory === undefined ? key : `link:${posix.normalize(directory)}`;
}

function describe(lockfile: Lockfile, key: string): Component {
  const rest = { optional: true, dependencies: [], dependencyPaths: [] };
  const folder = folderOf(key);
  if (folder !== undefined) {
    const { name, version } = importerAt(lockfile, folder).manifest;
    return { id: `${name}@${version}`, name, version, purl: packageUrl(name, version), folder, ...rest };
  }
  const id = baseOf(key);
  const locked = lockfile.packages.get(id);
  if (locked === undefined) throw invalid(`it does not describe ${id}`);
  const [name, lockedVersion] = splitId(id);
  const version = locked.version ?? lockedVersion;
  const { integrity } = locked.resolution;
  // Only what comes from no registry has its version beside its key.
  const purl = packageUrl(name, version, locked.version === undefined ? {} : locked.resolution);
  return { id, name, version, purl, ...(integrity === undefined ? {} : { integrity }), ...rest };
}

/** The component that a key belongs to, `name@version`. */
export function idOf(lockfile: Lockfile, key: string): string {
  const folder = folderOf(key);
  if (folder === undefined) return baseOf(key);
  const { name, version } = importerAt(lockfile, folder).manifest;
  return `${name}@${version}`;
}

function importerAt(lockfile: Lockfile, folder: string): Importer {
  const importer = lockfile.importers.get(folder);
  if (importer === undefined) throw invalid(`it has no package in the folder ${folder}`);
  return importer;
}

function folderOf(key: string): string | undefined {
  return key.startsWith("link:") ? key.slice("link:".length) : undefined;
}

/** `name@version` without the peers in parentheses. */
function baseOf(key: string): string {
  return key.replace(/\(.*$/, "");
}

function mergeLinks(known: readonly ComponentLink[], added: readonly ComponentLink[]): ComponentLink[] {
  const links = new Map<string, ComponentLink>();
  for (const link of [...known, ...added]) {
    const key = `${link.name} ${link.id}`;
    links.set(key, { ...link, optional: link.optional && (links.get(key)?.optional ?? true) });
  }
  return [...links.values()];
}

function invalid(message: string): HxpError {
  return new HxpError("LOCKFILE_INVALID", `The lockfile is not whole: ${message}.`);
}
