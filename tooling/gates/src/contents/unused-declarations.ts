import type { Observation } from "../create-gate.ts";
import type { ContentsPolicy } from "../policy/contents-policy.ts";
import type { ContentsDetail, ContentsDetails } from "./contents-details.ts";

/** Finds what the policy declares for a package that does not have it. */
export function findUnusedDeclarations({ declared }: ContentsPolicy, { packages }: ContentsDetails): Observation[] {
  return declared.flatMap((entry, index) => {
    const detail = packages.find(({ name }) => name === entry.package);
    const unused = detail === undefined ? [entry.package] : unusedIn(entry, detail);
    return unused.map((thing) => ({
      rule: "declaration-unused",
      where: `policy contents.declared[${index}]`,
      message: `${thing} is declared for ${entry.package}, and nothing in this release is that.`,
      why: "A declaration that is left behind lets the next stranger's code pass.",
      fix: "Remove it.",
      severity: "warning" as const,
    }));
  });
}

function unusedIn(entry: ContentsPolicy["declared"][number], detail: ContentsDetail): string[] {
  const present = new Set<string>([
    ...detail.capabilities.map(({ capability }) => capability),
    ...detail.hosts.map(({ host }) => host),
    ...detail.dependencies.map(({ name }) => name),
    ...detail.files.flatMap(({ shapes = [] }) => shapes),
  ]);
  return [...entry.capabilities, ...entry.hosts, ...entry.dependencies, ...entry.shapes].filter(
    (thing) => !present.has(thing),
  );
}
