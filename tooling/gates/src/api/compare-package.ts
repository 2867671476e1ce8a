import { join } from "node:path";
import { satisfies } from "semver";
import type { GateInput, GatePackage } from "../gate.ts";
import { compareText } from "../text/compare-text.ts";
import type { ApiChange, ApiPackage } from "./api-change.ts";
import { declaredBump, largestBump, leastBump } from "./bump.ts";
import { comparePrograms } from "./cli/compare-programs.ts";
import { compareConstants } from "./data/compare-constants.ts";
import type { SourceCache } from "./declarations/create-program.ts";
import { compareDependencies } from "./manifest/compare-dependencies.ts";
import { binsOf, compareManifest } from "./manifest/compare-manifest.ts";
import type { PackedPackage } from "./packed-package.ts";
import { compareSchemas, countKeys } from "./schema/compare-schemas.ts";

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

/** Something that could not be compared. */
export interface ApiProblem {
  rule: "types-unresolved" | "types-incomplete" | "programs-unknown" | "data-unknown";
  where: string;
  message: string;
}

/** What one sort of comparison found out. */
export interface PartResult {
  changes: readonly ApiChange[];
  surface: Readonly<Record<string, number>>;
  problems?: readonly ApiProblem[];
}

/** Starts what runs code of a package, in processes of its own: its programs, and what reads its exported values. */
export function startProcesses(item: ReleasedPackage, context: ComparisonContext): Promise<readonly PartResult[]> {
  const running = Promise.all([comparePrograms(item, context), compareConstants(item, context)]);
  // Whoever compares the package waits for it; until then, a failure is nobody's.
  running.catch(() => {});
  return running;
}

/** Compares a package with its last release; of a first one, only the surface is read. `running` is what {@link startProcesses} gave. */
export async function comparePackage(
  item: ReleasedPackage,
  context: ComparisonContext,
  running: Promise<readonly PartResult[]>,
): Promise<{ judged: ApiPackage; problems: ApiProblem[] }> {
  const { after, before } = item;
  const declarations = await readDeclarations(item, context);
  const parts: PartResult[] = [readManifest(item), readSchemaFiles(item), declarations, ...(await running)];
  const changes = mergeChanges(parts.flatMap((part) => part.changes));
  const problems = parts.flatMap((part) => part.problems ?? []);
  const isFirst = before === undefined;
  const judged: ApiPackage = {
    name: after.name,
    ...(isFirst ? {} : { from: before.version }),
    to: after.version,
    declared: isFirst ? "first" : declaredBump(before.version, after.version),
    least: isFirst ? "first" : leastBump(largestBump(changes.map(({ bump }) => bump)), before.version),
    changes,
    surface: Object.assign({}, ...parts.map(({ surface }) => surface)) as Record<string, number>,
    unknown: problems.map(({ message }) => message).toSorted(),
  };
  return { judged, problems };
}

function readManifest({ before, after }: ReleasedPackage): PartResult {
  const surface = { subpaths: after.subpaths.length, bins: binsOf(after.manifest).size };
  return { surface, changes: before === undefined ? [] : compareManifest(before, after) };
}

function readSchemaFiles({ before, after }: ReleasedPackage): PartResult {
  return {
    surface: { schemaKeys: countKeys(after) },
    changes: before === undefined ? [] : compareSchemas(before, after),
  };
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
  const { data, types } = input.policy.api;
  const hints = new Map(types.filter((hint) => hint.package === after.name).map((hint) => [hint.type, hint]));
  // Where pnpm keeps one version of each package that something in the workspace depends on.
  const earlierFolder = join(input.workspace, "node_modules", ".pnpm");
  const result = compareDeclarations({ before, after, shared, earlier, folder, earlierFolder, cache, hints });
  const { surface, unknown } = result;
  // The type of a value that the policy names follows from the value, which is compared itself.
  const named = data.filter((entry) => entry.package === after.name).map((entry) => `${entry.export}.`);
  const isData = ({ where, change }: ApiChange): boolean =>
    change === "changed" && named.some((start) => where.startsWith(start));
  const changes = result.changes.filter((change) => !isData(change));
  const forced = new Set(earlier.map(({ name }) => name));
  const dependencies = before === undefined ? [] : compareDependencies(before, after, forced);
  const problems: ApiProblem[] = unknown.map((entry) => ({ rule: "types-unresolved", ...entry }));
  if (result.isIncomplete) {
    const message = `${after.name} has more types than can be compared; some of its exports were not looked at.`;
    problems.push({ rule: "types-incomplete", where: after.name, message });
  }
  return { changes: [...changes, ...dependencies], surface, problems };
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
