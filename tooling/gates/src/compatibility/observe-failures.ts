import type { Observation } from "../create-gate.ts";
import type { CellCheck, CompatibilityCell } from "./cell.ts";
import { type FloorCells, type FloorSearch, raiseRange } from "./find-floors.ts";
import { formatCells, list } from "./format-cells.ts";

/** The failed cells of one package, by what is to blame. */
export interface SortedFailures {
  /** Lowest versions fail where the newest pass. */
  floor: CompatibilityCell[];
  /** The newest versions fail where those of the lockfile pass. */
  newest: CompatibilityCell[];
  /** The package fails by itself. */
  other: CompatibilityCell[];
}

/** Sorts the failed cells of one package by comparing the resolutions on the same Node with the same manager. */
export function sortFailures(cells: readonly CompatibilityCell[]): SortedFailures {
  const failed = cells.filter(({ verdict }) => verdict === "failed");
  const floor = failed.filter((cell) => cell.resolution === "lowest" && passes(cells, cell, "newest"));
  const newest = failed.filter((cell) => cell.resolution === "newest" && passes(cells, cell, "locked"));
  return { floor, newest, other: failed.filter((cell) => !floor.includes(cell) && !newest.includes(cell)) };
}

/** The cell of another resolution beside one. */
export function findBeside(
  cells: readonly CompatibilityCell[],
  { node, manager }: CompatibilityCell,
  resolution: CompatibilityCell["resolution"],
): CompatibilityCell | undefined {
  return cells.find((cell) => cell.resolution === resolution && cell.node === node && cell.manager === manager);
}

function passes(
  cells: readonly CompatibilityCell[],
  cell: CompatibilityCell,
  resolution: CompatibilityCell["resolution"],
): boolean {
  return findBeside(cells, cell, resolution)?.verdict === "passed";
}

/** What failed and is nobody's fault but the package's: one finding a check. */
export function observeOther(failed: readonly CompatibilityCell[], all: readonly CompatibilityCell[]): Observation[] {
  const names = [...new Set(failed.flatMap((cell) => failedChecks(cell).map(({ name }) => name)))];
  return names.map((name) => {
    const among = failed.filter((cell) => failedChecks(cell).some((check) => check.name === name));
    const [first] = among;
    return {
      rule: ruleOf(name),
      package: first?.package ?? "",
      where: name,
      message: `${name} failed in ${formatCells(among, all)}: ${messageOf(first, name)}`,
      why: "Consumers with this combination get a package that does not work.",
      fix: `Mend it, or leave the combination out of what is promised (engines, ranges). See it fail: ${first?.reproduce ?? ""}`,
      severity: "error",
    };
  });
}

/** Newest versions that break the package, with what is newer than in the lockfile. */
export function observeNewest(failed: readonly CompatibilityCell[], all: readonly CompatibilityCell[]): Observation[] {
  const [first] = failed;
  if (first === undefined) return [];
  const locked = findBeside(all, first, "locked");
  const newer = first.dependencies.filter(
    ({ name, version }) => locked?.dependencies.find((entry) => entry.name === name)?.version !== version,
  );
  const names = newer.map(({ name, version, range }) => `${name} ${version} (range ${range})`);
  return [
    {
      rule: "newest-broken",
      package: first.package,
      where: newer.length === 0 ? "transitive dependencies" : list(newer.map(({ name }) => name)),
      message: `${first.package} works with the lockfile's versions and not with the newest that its ranges admit, in ${formatCells(failed, all)}. Newer than in the lockfile: ${names.length === 0 ? "only dependencies of dependencies" : list(names)}. ${describeChecks(first)}`,
      why: "Whoever installs it today gets the newest versions.",
      fix: `Run \`pnpm update ${newer.map(({ name }) => name).join(" ")}\` to see it, then mend the package for the new version or narrow the range. ${first.reproduce}`,
      severity: "error",
    },
  ];
}

/** Floors that do not work: one finding a dependency, with the range that would be true. */
export function observeFloors(
  { lowest, newest }: FloorCells,
  search: FloorSearch,
  { failed, all }: { failed: readonly CompatibilityCell[]; all: readonly CompatibilityCell[] },
): Observation[] {
  const base = {
    rule: "floor-broken",
    package: lowest.package,
    why: "The range promises a version with which the package does not work.",
    severity: "error" as const,
  };
  const places = formatCells(failed, all);
  const found = search.floors.map(({ name, range, lowest: version, works }): Observation => ({
    ...base,
    where: name,
    message: `${lowest.package} claims ${name} ${range} and does not work with ${version}, the lowest (${places}). ${describeChecks(lowest)}`,
    fix:
      works === undefined
        ? `Raise the range of ${name} in package.json of ${lowest.package}; with ${newestOf(newest, name)} it works. ${lowest.reproduce}`
        : `Write \`"${name}": "${raiseRange(range, { works, newest: newestOf(newest, name) })}"\` in package.json of ${lowest.package}: ${works} is the lowest version that was seen to work. ${lowest.reproduce}`,
  }));
  if (search.isComplete) return found;
  const names = lowest.dependencies.filter(({ name, version }) => version !== newestOf(newest, name));
  return [
    ...found,
    {
      ...base,
      where: "several dependencies together",
      message: `${lowest.package} does not work with the lowest versions of its dependencies (${list(names.map(({ name, version }) => `${name} ${version}`))}; ${places})${found.length === 0 ? ", though with each of them alone" : ", also with the floors above raised"}. ${describeChecks(lowest)}`,
      fix: `Raise the ranges in package.json of ${lowest.package} until this works: ${lowest.reproduce}`,
    },
  ];
}

function newestOf({ dependencies }: CompatibilityCell, name: string): string {
  return dependencies.find((entry) => entry.name === name)?.version ?? "";
}

function describeChecks(cell: CompatibilityCell): string {
  return failedChecks(cell)
    .map(({ name, message = "" }) => `${name}: ${message}`)
    .join("\n");
}

function failedChecks({ checks }: Pick<CompatibilityCell, "checks">): CellCheck[] {
  return checks.filter(({ verdict }) => verdict === "failed");
}

function messageOf(cell: CompatibilityCell | undefined, name: string): string {
  return cell?.checks.find((check) => check.name === name)?.message ?? "";
}

function ruleOf(check: string): string {
  if (check.startsWith("import ")) return "export-broken";
  if (check.startsWith("bin ")) return "bin-broken";
  return check.startsWith("contract ") ? "contract-failed" : "install-failed";
}
