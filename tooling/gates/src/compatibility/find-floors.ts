import { gte, lte, prerelease, rcompare, satisfies, validRange } from "semver";
import type { CompatibilityCell } from "./cell.ts";
import { type ExecutionOptions, executeConsumer } from "./execute-consumer.ts";
import { type Pin, planConsumer } from "./plan-consumer.ts";
import type { Subject } from "./plan-units.ts";

/** A dependency whose lowest promised version does not work. */
interface BrokenFloor {
  name: string;
  range: string;
  lowest: string;
  /** The lowest version from which on it was seen to work; absent when the search was given up. */
  works?: string;
}

/** What {@link findBrokenFloors} found. */
export interface FloorSearch {
  floors: BrokenFloor[];
  /** Whether the package works once every floor that was found is raised. */
  isComplete: boolean;
}

/** A failed cell of the lowest versions, and the one of the newest on the same Node with the same manager, which passed. */
export interface FloorCells {
  lowest: CompatibilityCell;
  newest: CompatibilityCell;
}

/** How floors are searched. */
export interface FloorSearchOptions {
  execution: ExecutionOptions;
  /** What counts for every package of each tree. */
  pins: readonly Pin[];
  /** Installs that may be spent. */
  maxTries: number;
}

/**
 * Finds out which lowest versions are to blame: each alone, among the newest of the others. Then halves the versions
 * in between until the lowest working one is left; that takes for granted that what works goes on working.
 */
export async function findBrokenFloors(
  subject: Subject,
  { lowest, newest }: FloorCells,
  { execution, pins, maxTries }: FloorSearchOptions,
): Promise<FloorSearch> {
  const { released } = subject;
  let tries = 0;
  const works = async (versions: ReadonlyMap<string, string>): Promise<boolean> => {
    tries += 1;
    const consumer = planConsumer(released, {
      manager: lowest.manager,
      versions,
      extra: subject.contract.extra,
      pins,
    });
    const [result] = await executeConsumer(consumer, [lowest.node], execution);
    return result?.outcome.verdict === "passed";
  };
  const top = versionsOf(newest);
  const bottom = versionsOf(lowest);
  const suspects = released.dependencies.filter(({ name }) => bottom.has(name) && bottom.get(name) !== top.get(name));
  if (suspects.length > maxTries) return { floors: [], isComplete: false };
  const judged = await Promise.all(
    suspects.map(async ({ name }) => ({ name, works: await works(new Map([...top, [name, bottom.get(name) ?? ""]])) })),
  );
  const broken = suspects.filter(({ name }) => judged.some((entry) => entry.name === name && !entry.works));
  const floors: BrokenFloor[] = [];
  for (const { name, range, target, versions } of broken) {
    const known = await execution.catalogue(target);
    const between = [...(known?.versions.keys() ?? [])]
      .filter((version) => isBetween(version, { versions, low: bottom.get(name) ?? "", high: top.get(name) ?? "" }))
      .toSorted(rcompare)
      .toReversed();
    const found = await bisect(between, {
      works: (version) => works(new Map([...top, [name, version]])),
      mayGoOn: () => tries < maxTries,
    });
    floors.push({ name, range, lowest: bottom.get(name) ?? "", ...(found === undefined ? {} : { works: found }) });
  }
  const raised = new Map([
    ...bottom,
    ...floors.flatMap(({ name, works: version }) => (version ? [[name, version] as const] : [])),
  ]);
  return { floors, isComplete: floors.length > 0 && floors.every((floor) => floor.works) && (await works(raised)) };
}

function versionsOf({ dependencies }: CompatibilityCell): Map<string, string> {
  return new Map(
    dependencies.filter(({ version }) => version !== "not installed").map(({ name, version }) => [name, version]),
  );
}

function isBetween(version: string, { versions, low, high }: { versions: string; low: string; high: string }): boolean {
  if (prerelease(version) !== null && version !== low && version !== high) return false;
  return satisfies(version, versions) && gte(version, low) && lte(version, high);
}

/** The first of versions that works, given that the first of all does not and the last does. */
async function bisect(
  versions: readonly string[],
  { works, mayGoOn }: { works: (version: string) => Promise<boolean>; mayGoOn: () => boolean },
): Promise<string | undefined> {
  let broken = 0;
  let working = versions.length - 1;
  while (working - broken > 1) {
    if (!mayGoOn()) return undefined;
    const middle = Math.floor((broken + working) / 2);
    // oxlint-disable-next-line no-await-in-loop -- each answer halves what is left to ask
    if (await works(versions[middle] ?? "")) working = middle;
    else broken = middle;
  }
  return versions[working];
}

/** The range with a raised floor, in the manner of the one that it replaces. */
export function raiseRange(range: string, { works, newest }: { works: string; newest: string }): string {
  const candidates = range.startsWith("~") ? [`~${works}`, `^${works}`] : [`^${works}`];
  return candidates.find((candidate) => validRange(candidate) !== null && satisfies(newest, candidate)) ?? `>=${works}`;
}
