import { join } from "node:path";
import { satisfies } from "semver";
import type { GateInput, GatePackage } from "../gate.ts";
import { compareText } from "../text/compare-text.ts";
import type { ApiChange, ApiPackage } from "./api-change.ts";
import { declaredBump, largestBump, leastBump } from "./bump.ts";
import type { SourceCache } from "./declarations/create-program.ts";
import { compareDependencies } from "./manifest/compare-dependencies.ts";
import { binsOf, compareManifest } from "./manifest/compare-manifest.ts";
import type { PackedPackage } from "./packed-package.ts";

/** A package of the release with the one that it is compared with. */
export interface ReleasedPackage {
  item: GatePackage;
  after: PackedPackage;
  base?: { version: string; tarball: string };
  before?: PackedPackage;
}

/** What a comparison may use beside the two packages. */
export interface ComparisonContext {
  input: GateInput;
  released: readonly ReleasedPackage[];
  cache: SourceCache;
}

/** What one sort of comparison found out. */
export interface PartResult {
  changes: readonly ApiChange[];
  surface: Readonly<Record<string, number>>;
  unknown?: readonly string[];
}

/** Compares a package with its last release; of a first release, only the surface is read. */
export async function comparePackage(item: ReleasedPackage, context: ComparisonContext): Promise<ApiPackage> {
  const { after, before } = item;
  const parts: PartResult[] = [readManifest(item), await readDeclarations(item, context)];
  const changes = mergeChanges(parts.flatMap((part) => part.changes));
  const isFirst = before === undefined;
  return {
    name: after.name,
    ...(isFirst ? {} : { from: before.version }),
    to: after.version,
    declared: isFirst ? "first" : declaredBump(before.version, after.version),
    least: isFirst ? "first" : leastBump(largestBump(changes.map(({ bump }) => bump)), before.version),
    changes,
    surface: Object.assign({}, ...parts.map(({ surface }) => surface)) as Record<string, number>,
    unknown: parts.flatMap(({ unknown = [] }) => unknown),
  };
}

function readManifest({ before, after }: ReleasedPackage): PartResult {
  const surface = { subpaths: after.subpaths.length, bins: binsOf(after.manifest).size };
  return { surface, changes: before === undefined ? [] : compareManifest(before, after) };
}

async function readDeclarations(
  item: ReleasedPackage,
  { input, released, cache }: ComparisonContext,
): Promise<PartResult> {
  const { compareDeclarations } = await import("./declarations/compare-declarations.ts");
  const { before, after } = item;
  const siblings = released.filter((other) => other.after.name !== after.name);
  const earlier = before === undefined ? [] : findForced(before, siblings);
  const folder = join(input.workspace, item.item.folder);
  const shared = siblings.map((sibling) => sibling.after);
  const result = compareDeclarations({ before, after, shared, earlier, folder, cache });
  const forced = new Set(earlier.map(({ name }) => name));
  const dependencies = before === undefined ? [] : compareDependencies(before, after, forced);
  return { ...result, changes: [...result.changes, ...dependencies] };
}

/**
 * Packages of the release that the last release of this one refuses in their new version: whoever updates this one has
 * theirs changed, too, so the old declarations are read with them as they were.
 */
function findForced({ manifest }: PackedPackage, siblings: readonly ReleasedPackage[]): PackedPackage[] {
  return siblings.flatMap(({ after, before }) => {
    const range = manifest.dependencies?.[after.name];
    const isForced = range !== undefined && !satisfies(after.version, range, { includePrerelease: true });
    return isForced && before !== undefined ? [before] : [];
  });
}

const ranks = { major: 0, minor: 1, patch: 2 };

/** One change a thing: of the same change seen in several uses, the one that asks for most. */
function mergeChanges(changes: readonly ApiChange[]): ApiChange[] {
  const sorted = changes.toSorted((a, b) => ranks[a.bump] - ranks[b.bump] || compareText(keyOf(a), keyOf(b)));
  const first = new Map<string, ApiChange>();
  for (const change of sorted) if (!first.has(keyOf(change))) first.set(keyOf(change), change);
  return [...first.values()];
}

function keyOf({ kind, where, change, before, after }: ApiChange): string {
  return [kind, where, change, before, after].join("\0");
}
