import { Range, subset, validRange } from "semver";
import type { PackedManifest } from "./packed-manifest.ts";

/** A dependency of a release, with what became of it since the last. */
export interface DependencyChange {
  /** Name under which it is imported. */
  name: string;
  /** Name in the registry; another one for an alias (`npm:…`). */
  target: string;
  range: string;
  /** Where the manifest has it; npm installs peers by itself, unless they are optional. */
  field: "dependencies" | "optionalDependencies" | "peerDependencies";
  change: "added" | "removed" | "changed" | "same" | "first";
  rangeBefore?: string;
  /** Whether the range now admits a line of versions that it did not: a major, or below 1.0.0 a minor. */
  admitsAnother: boolean;
}

/** Compares what gets installed with a package: dependencies, optional ones, needed peers; ordered by name. */
export function compareDependencies(manifest: PackedManifest, last: PackedManifest | undefined): DependencyChange[] {
  const now = installedWith(manifest);
  const before = last === undefined ? undefined : installedWith(last);
  const names = new Set([...now.keys(), ...(before?.keys() ?? [])]);
  return [...names].toSorted().flatMap((name): DependencyChange[] => {
    const [entry, old] = [now.get(name), before?.get(name)];
    const present = entry ?? old;
    if (present === undefined) return [];
    const change = changeOf({ range: entry?.range, rangeBefore: old?.range, isFirst: before === undefined });
    return [
      {
        name,
        target: targetOf(name, present.range),
        ...present,
        change,
        ...(old === undefined ? {} : { rangeBefore: old.range }),
        admitsAnother: change === "changed" && admitsAnother(old?.range ?? "", present.range),
      },
    ];
  });
}

type Entry = Pick<DependencyChange, "range" | "field">;

/** Everything that gets installed with a package, by name. */
export function installedWith(manifest: PackedManifest): Map<string, Entry> {
  const optional = manifest.peerDependenciesMeta ?? {};
  const peers = Object.entries(manifest.peerDependencies ?? {}).filter(([name]) => optional[name]?.optional !== true);
  return new Map([
    ...toEntries(peers, "peerDependencies"),
    ...toEntries(Object.entries(manifest.optionalDependencies ?? {}), "optionalDependencies"),
    ...toEntries(Object.entries(manifest.dependencies ?? {}), "dependencies"),
  ]);
}

function toEntries(ranges: [string, string][], field: Entry["field"]): [string, Entry][] {
  return ranges.map(([name, range]) => [name, { range, field }]);
}

function targetOf(name: string, range: string): string {
  return /^npm:((?:@[^@/]+\/)?[^@]+)/.exec(range)?.[1] ?? name;
}

function changeOf(facts: {
  range: string | undefined;
  rangeBefore: string | undefined;
  isFirst: boolean;
}): DependencyChange["change"] {
  if (facts.isFirst) return "first";
  if (facts.range === undefined) return "removed";
  if (facts.rangeBefore === undefined) return "added";
  return facts.range === facts.rangeBefore ? "same" : "changed";
}

/** Whether what is not a range of the registry; such a dependency comes from a place that keeps no versions. */
export function isExotic(range: string): boolean {
  const version = range.replace(/^npm:(?:@[^@/]+\/)?[^@]+@?/, "");
  // A word is a dist-tag; a path, a URL, or `owner/repository` is not.
  return validRange(version) === null && /[/:]/.test(version);
}

function admitsAnother(before: string, after: string): boolean {
  const [old, now] = [before, after].map((range) => validRange(range.replace(/^npm:(?:@[^@/]+\/)?[^@]+@/, "")));
  if (typeof old !== "string" || typeof now !== "string") return true;
  // Widened to the whole lines that the old range touches, does it hold all that the new one admits?
  return !subset(now, linesOf(old), { includePrerelease: true });
}

/** A range that holds each line of versions that the given one touches as a whole. */
function linesOf(range: string): string {
  const alternatives = new Range(range).set.map((comparators) => {
    const widened = comparators.map(({ operator, semver: { major, minor } }) => {
      if (operator === "" || operator === "=") return `^${major}.${major === 0 ? minor : 0}.0-0`;
      if (operator.startsWith(">")) return `>=${major}.${major === 0 ? minor : 0}.0-0`;
      return operator.startsWith("<") ? "" : "*";
    });
    const upper = comparators.filter(({ operator }) => operator.startsWith("<")).map(String);
    return [...widened, ...upper].filter((part) => part !== "").join(" ") || "*";
  });
  return alternatives.join(" || ");
}
