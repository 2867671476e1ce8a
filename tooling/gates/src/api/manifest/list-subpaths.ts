import type { PackedManifest } from "../../contents/packed-manifest.ts";
import type { PackedPackage } from "../packed-package.ts";

/** What an exports map leads to under some conditions: a path, or nested conditions and fallbacks. */
export type Target = string | null | readonly Target[] | { readonly [condition: string]: Target };

/** The exports map by subpath; a package without one exports its main module, and has `undefined`. */
export function readExportsMap(manifest: PackedManifest): ReadonlyMap<string, Target> | undefined {
  const map = manifest["exports"] as Target | undefined;
  if (map === undefined || map === null) return undefined;
  if (typeof map === "string" || Array.isArray(map)) return new Map([[".", map]]);
  const entries = Object.entries(map);
  const isBySubpath = entries.some(([key]) => key.startsWith("."));
  return isBySubpath ? new Map(entries) : new Map([[".", map]]);
}

/** Subpaths that can be imported; those that a pattern stands for, by the files that it reaches. */
export function listSubpaths(manifest: PackedManifest, files: readonly string[]): string[] {
  const map = readExportsMap(manifest);
  if (map === undefined) return ["."];
  const subpaths = [...map].flatMap(([subpath, target]) =>
    subpath.includes("*") ? expandPattern(subpath, { target, files }) : [subpath],
  );
  const open = subpaths.filter((subpath) => !isNowhere(findTarget(map, subpath)));
  return [...new Set(open)].toSorted();
}

/** The target of a subpath: its own, or that of the pattern with the longest start before the `*`. */
function findTarget(map: ReadonlyMap<string, Target>, subpath: string): Target | undefined {
  const own = map.get(subpath);
  if (own !== undefined && !subpath.includes("*")) return own;
  const patterns = [...map.keys()].filter((key) => matchPattern(key, subpath) !== undefined);
  const [best] = patterns.toSorted((a, b) => b.indexOf("*") - a.indexOf("*"));
  const target = best === undefined ? undefined : map.get(best);
  const part = best === undefined ? undefined : matchPattern(best, subpath);
  return target === undefined || part === undefined ? undefined : fillIn(target, part);
}

function expandPattern(subpath: string, { target, files }: { target: Target; files: readonly string[] }): string[] {
  const parts = pathsOf(target).flatMap((path) => files.map((file) => matchPattern(path, `./${file}`)));
  return parts.filter((part) => part !== undefined).map((part) => subpath.replace("*", part));
}

/** What the `*` of a pattern stands for in a text; undefined where the pattern does not match. */
function matchPattern(pattern: string, text: string): string | undefined {
  const [start, end] = pattern.split("*");
  if (start === undefined || end === undefined || text.length < start.length + end.length) return undefined;
  return text.startsWith(start) && text.endsWith(end) ? text.slice(start.length, text.length - end.length) : undefined;
}

function fillIn(target: Target, part: string): Target {
  if (typeof target === "string") return target.replaceAll("*", part);
  if (target === null) return null;
  if (isList(target)) return target.map((item) => fillIn(item, part));
  return Object.fromEntries(Object.entries(target).map(([condition, item]) => [condition, fillIn(item, part)]));
}

/** Every path in a target. */
function pathsOf(target: Target): string[] {
  if (typeof target === "string") return [target];
  return target === null ? [] : Object.values(target as object).flatMap((item) => pathsOf(item as Target));
}

function isNowhere(target: Target | undefined): boolean {
  return target === undefined || pathsOf(target).length === 0;
}

function isList(target: Target): target is readonly Target[] {
  return Array.isArray(target);
}

/** The path that a target leads to under conditions, as Node resolves it. */
export function resolveTarget(target: Target | undefined, conditions: ReadonlySet<string>): string | undefined {
  if (target === undefined || target === null) return undefined;
  if (typeof target === "string") return target;
  if (isList(target)) {
    return target.map((item) => resolveTarget(item, conditions)).find((path) => path !== undefined);
  }
  for (const [condition, item] of Object.entries(target)) {
    if (condition !== "default" && !conditions.has(condition)) continue;
    const path = resolveTarget(item, conditions);
    if (path !== undefined || item === null) return path;
  }
  return undefined;
}

/** Every condition in a target, at any depth. */
export function conditionsOf(target: Target | undefined): string[] {
  if (target === undefined || target === null || typeof target === "string") return [];
  if (isList(target)) return target.flatMap(conditionsOf);
  return Object.entries(target).flatMap(([condition, item]) => [condition, ...conditionsOf(item)]);
}

/** Where a subpath leads: by the exports map, or without one to the main module. */
export function targetOf({ manifest, files }: PackedPackage, subpath: string): Target | undefined {
  const map = readExportsMap(manifest);
  if (map !== undefined) return findTarget(map, subpath);
  const main = manifest.main ?? "index.js";
  const found = [main, `${main}.js`, `${main}/index.js`].find((path) => files.has(path.replace(/^\.\//, "")));
  return found ?? manifest.types ?? manifest.typings;
}

/** The file that import, or else require, gets for a subpath. */
export function entryFile(item: PackedPackage, subpath: string): string | undefined {
  const target = targetOf(item, subpath);
  return resolveTarget(target, new Set(["node", "import"])) ?? resolveTarget(target, new Set(["node", "require"]));
}
