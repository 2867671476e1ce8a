import type { Observation } from "../create-gate.ts";
import type { ConflictFacts, ReleaseGraph } from "./release-graph.ts";

/** Finds packages without a release for longer than the policy says, by the dependency that brings them. */
export function findUnmaintained(graph: ReleaseGraph, { packages, policy, now }: ConflictFacts): Observation[] {
  const limit = monthsBefore(now, policy.maxMonthsWithoutRelease);
  const old = graph.closure.components.flatMap(({ id, name, folder, dependencyPaths }) => {
    const last = packages.get(name)?.dates?.last;
    if (folder !== undefined || last === undefined || last >= limit) return [];
    return [{ name, last, by: dependencyPaths[0]?.[1] ?? id }];
  });
  return [...Map.groupBy(old, ({ by }) => by)].map(([by, brought]) => ({
    rule: "unmaintained",
    package: graph.released.name,
    dependency: by,
    where: `${graph.root.id} > ${by}`,
    message: `${by} brings what had no release for ${policy.maxMonthsWithoutRelease} months: ${list(brought)}.`,
    why: "It may be finished, or nobody is there any more who would mend what is found in it.",
    fix: "Look whether somebody answers in its repository; if not, replace it before you have to.",
    severity: "warning",
  }));
}

/** The same time of day, some months ago. */
function monthsBefore(now: Date, months: number): Date {
  const date = new Date(now);
  date.setUTCMonth(date.getUTCMonth() - months);
  return date;
}

function list(brought: readonly { name: string; last: Date }[]): string {
  const byName = new Map(brought.map(({ name, last }) => [name, `${name} (${last.toISOString().slice(0, 7)})`]));
  return [...byName.values()].toSorted().join(", ");
}
