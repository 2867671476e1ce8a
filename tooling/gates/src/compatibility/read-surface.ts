import type { PackedManifest } from "../contents/packed-manifest.ts";

/** What a consumer can name of a package. */
export interface ConsumerSurface {
  /** Specifiers that lead to something else than types; patterns stand for each file that they match. */
  imports: SurfaceImport[];
  bins: string[];
}

/** One export. */
export interface SurfaceImport {
  specifier: string;
  /** Whether there is a way of its own for `require`. */
  hasRequire: boolean;
}

/** Reads from a packed manifest, and the paths of the packed files, what consumers can import and run. */
export function readSurface(manifest: PackedManifest, files: readonly string[]): ConsumerSurface {
  const { name } = manifest;
  const imports = readExports(manifest)
    .flatMap(([subpath, target]) => expandPattern(subpath, target, files))
    .map(([subpath, target]) => ({
      specifier: subpath === "." ? name : `${name}${subpath.slice(1)}`,
      hasRequire: hasCondition(target, "require"),
    }));
  return { imports, bins: readBins(name, manifest.bin) };
}

function readExports(manifest: PackedManifest): [string, unknown][] {
  const map = manifest["exports"];
  if (map === undefined) {
    const main = manifest.main ?? manifest.module;
    return main === undefined ? [] : [[".", main]];
  }
  const isMap = typeof map === "object" && map !== null && Object.keys(map).some((key) => key.startsWith("."));
  const entries: [string, unknown][] = isMap ? Object.entries(map) : [[".", map]];
  return entries.filter(([, target]) => leavesOf(target).length > 0);
}

/** What runs: no types, and nothing that is closed off by `null`. */
function leavesOf(target: unknown): string[] {
  if (typeof target === "string") return /\.d\.[cm]?ts$/.test(target) ? [] : [target];
  if (Array.isArray(target)) return target.flatMap(leavesOf);
  if (typeof target !== "object" || target === null) return [];
  return Object.entries(target)
    .filter(([condition]) => condition !== "types" && !condition.startsWith("types@"))
    .flatMap(([, nested]) => leavesOf(nested));
}

function expandPattern(subpath: string, target: unknown, files: readonly string[]): [string, unknown][] {
  if (!subpath.includes("*")) return [[subpath, target]];
  const [leaf = ""] = leavesOf(target);
  const [before = "", after = ""] = leaf.replace(/^\.\//, "").split("*");
  return files
    .filter((path) => path.startsWith(before) && path.endsWith(after) && path.length > before.length + after.length)
    .map((path) => path.slice(before.length, path.length - after.length))
    .map((part) => [subpath.replace("*", part), target]);
}

function hasCondition(target: unknown, condition: string): boolean {
  if (typeof target !== "object" || target === null) return false;
  return Object.entries(target).some(([key, nested]) => key === condition || hasCondition(nested, condition));
}

function readBins(name: string, bin: PackedManifest["bin"]): string[] {
  if (bin === undefined) return [];
  return typeof bin === "string" ? [name.replace(/^@[^/]+\//, "")] : Object.keys(bin);
}
