import type { Observation } from "../create-gate.ts";

/** Says a warning about a dependency once for all released packages that bring it; errors stay with each, for waivers. */
export function mergeWarnings(observations: readonly Observation[]): Observation[] {
  const warnings = observations.filter(({ severity }) => severity === "warning");
  const groups = Map.groupBy(warnings, ({ rule, dependency, package: name }) => `${rule} ${dependency ?? name}`);
  const merged = [...groups.values()].flatMap((group) => {
    const [first, ...others] = group;
    if (first === undefined) return [];
    const packages = [...new Set(others.map(({ package: name }) => name))].filter((name) => name !== first.package);
    if (packages.length === 0) return group;
    const { package: _one, ...rest } = first;
    return [{ ...rest, message: `${first.message} It is the same for ${packages.join(", ")}.` }];
  });
  return [...observations.filter(({ severity }) => severity === "error"), ...merged];
}
