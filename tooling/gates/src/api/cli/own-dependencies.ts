import { readFile, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { maxSatisfying, satisfies } from "semver";
import type { ComparisonContext, ReleasedPackage } from "../compare-package.ts";
import { findDifference, type PackedPackage, readPackedFile } from "../packed-package.ts";

/** How many releases of a package that is not released now are served to an installation. */
export const longestHistory = 20;

const fields = ["dependencies", "optionalDependencies", "peerDependencies"] as const;

/**
 * Packages of the workspace that one depends on, however far: absolute folders by name. They are what is linked to from
 * node_modules, and made by no package manager.
 */
export async function listOwn(
  { item }: ReleasedPackage,
  { input }: ComparisonContext,
): Promise<ReadonlyMap<string, string>> {
  const workspace = await realpath(input.workspace);
  const found = new Map<string, string>();
  const open = [join(workspace, item.folder)];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    // oxlint-disable-next-line no-await-in-loop -- each tells of the next
    for (const name of await dependenciesOf(next)) {
      if (found.has(name)) continue;
      // oxlint-disable-next-line no-await-in-loop -- a look into a folder
      const target = await realpath(join(next, "node_modules", name)).catch(() => "");
      if (!target.startsWith(workspace + sep) || target.includes(`${sep}node_modules${sep}`)) continue;
      found.set(name, target);
      open.push(target);
    }
  }
  return found;
}

async function dependenciesOf(folder: string): Promise<string[]> {
  const text = await readFile(join(folder, "package.json"), "utf8").catch(() => "{}");
  const manifest = JSON.parse(text) as Partial<Record<(typeof fields)[number], Record<string, string>>>;
  return fields.flatMap((field) => Object.keys(manifest[field] ?? {}));
}

/**
 * Digests of the packages of the workspace whose code a package of this release loads there, sorted; those that are not
 * released now count as their last release. Undefined where the code in the workspace is of no tarball.
 */
export async function digestsNow(
  item: ReleasedPackage,
  context: ComparisonContext,
): Promise<readonly string[] | undefined> {
  const own = [...(await listOwn(item, context))];
  const digests = await Promise.all(
    own.map(async ([name, folder]) => {
      const packed = findReleased(name, context)?.after ?? (await readHistory(name, context, 1))[0];
      return packed === undefined || (await findDifference(packed, folder)) !== undefined ? undefined : packed.digest;
    }),
  );
  return sortIfAll(digests);
}

/**
 * Digests of the same packages as whoever installs the last release of one gets them, sorted. Undefined where the last
 * releases have no version that it asks for.
 */
export async function digestsBefore(
  item: ReleasedPackage,
  context: ComparisonContext,
): Promise<readonly string[] | undefined> {
  const own = await listOwn(item, context);
  const found = new Map<string, PackedPackage | undefined>();
  const open = [item.before];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const [name, range] of rangesOf(next)) {
      if (found.has(name) || (findReleased(name, context) === undefined && !own.has(name))) continue;
      // oxlint-disable-next-line no-await-in-loop -- each tells of the next
      const packed = await findInstalled(name, range, context);
      found.set(name, packed);
      if (packed !== undefined) open.push(packed);
    }
  }
  return sortIfAll([...found.values()].map((packed) => packed?.digest));
}

function rangesOf({ manifest }: PackedPackage): [string, string][] {
  return fields.flatMap((field) => Object.entries(manifest[field] ?? {}));
}

async function findInstalled(
  name: string,
  range: string,
  context: ComparisonContext,
): Promise<PackedPackage | undefined> {
  const released = findReleased(name, context);
  if (released !== undefined) {
    const { before } = released;
    return before !== undefined && satisfies(before.version, range) ? before : undefined;
  }
  const history = await readHistory(name, context, longestHistory);
  const newest = maxSatisfying(
    history.map(({ version }) => version),
    range,
  );
  return history.find(({ version }) => version === newest);
}

function findReleased(name: string, { released }: ComparisonContext): ReleasedPackage | undefined {
  return released.find(({ after }) => after.name === name);
}

async function readHistory(name: string, { input }: ComparisonContext, limit: number): Promise<PackedPackage[]> {
  const entries = await input.history(name, limit);
  return Promise.all(entries.map(({ tarball, version }) => readPackedFile(tarball, `${name}@${version}`)));
}

function sortIfAll(digests: readonly (string | undefined)[]): readonly string[] | undefined {
  const known = digests.flatMap((digest) => digest ?? []);
  return known.length === digests.length ? known.toSorted() : undefined;
}
