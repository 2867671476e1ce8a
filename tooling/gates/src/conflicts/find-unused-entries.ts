import type { Observation } from "../create-gate.ts";
import { isNamedBy } from "./is-named-by.ts";
import type { ConflictFacts } from "./release-graph.ts";

/** Finds entries of the policy that are about no dependency of the release, and one for all where dates are unknown. */
export function findUnusedEntries({ graphs, policy, packages }: ConflictFacts): Observation[] {
  const ids = new Set(graphs.flatMap(({ closure }) => closure.components.map(({ id }) => id)));
  const unused = (["allowScripts", "trustedNames"] as const).flatMap((key) =>
    policy[key]
      .filter((entry) => ![...ids].some((id) => isNamedBy(entry.package, id)))
      .map(({ package: name }): Observation => unusedEntry(key, name)),
  );
  const undated = [...packages.values()].filter((facts) => facts !== undefined && facts.dates === undefined);
  return undated.length === 0 ? unused : [...unused, datesUnknown(undated.length, packages.size)];
}

function unusedEntry(key: string, name: string): Observation {
  return {
    rule: "exception-unused",
    where: `policy conflicts.${key}`,
    message: `${name} is excepted, and no package of the release depends on it.`,
    why: "An exception that is left behind hides the next package of that name.",
    fix: "Remove it, or correct the name or version.",
    severity: "warning",
  };
}

function datesUnknown(count: number, all: number): Observation {
  return {
    rule: "dates-unknown",
    where: "the registry of the dependencies",
    message: `Of ${count} of ${all} packages the registry does not keep the publishers' dates, as mirrors do not.`,
    why: "Whether they are maintained is unknown, and a young name cannot be told from an established one.",
    fix: "Judge once with pnpm set up for the registry that the packages are published to.",
    severity: "warning",
  };
}
