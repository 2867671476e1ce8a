import type { JsonObject } from "../released-package.ts";

const fields = ["dependencies", "optionalDependencies", "peerDependencies"];

/**
 * Groups packages by rank: a package comes after all that it depends on among them, and those of one rank do not
 * depend on each other. Packages on a cycle, and what depends on them, share the last rank. Keeps the given order.
 */
export function rankPackages<Package extends { readonly name: string; readonly manifest: JsonObject }>(
  packages: readonly Package[],
): Package[][] {
  const ranks: Package[][] = [];
  let left = packages;
  while (left.length > 0) {
    const names = new Set(left.map(({ name }) => name));
    const ready = left.filter(
      (pkg) => !dependenciesOf(pkg.manifest).some((name) => name !== pkg.name && names.has(name)),
    );
    const rank = ready.length === 0 ? left : ready;
    ranks.push([...rank]);
    const taken = new Set(rank);
    left = left.filter((pkg) => !taken.has(pkg));
  }
  return ranks;
}

function dependenciesOf(manifest: JsonObject): string[] {
  return fields.flatMap((field) => Object.keys(manifest[field] ?? {}));
}
