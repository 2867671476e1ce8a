/** A made-up third-party package. */
export interface SyntheticPackage {
  name: string;
  version: string;
  license: string;
  dependencies: Record<string, string>;
}

/** Name of the workspace's own package, whose closure all the others are. */
export const applicationName = "@bench/application";

const version = "1.0.0";
/** As they are spread over an ordinary closure, expressions included. */
const licences = ["MIT", "MIT", "MIT", "MIT", "ISC", "Apache-2.0", "BSD-3-Clause", "(MIT OR GPL-3.0-or-later)"];

/**
 * Makes so many packages that the first needs all others, directly or not: a tree in which each needs two, and a third
 * edge from each to a later one, so that most are reached by several ways, as in closures of applications. Equal counts
 * give equal packages.
 */
export function makeSyntheticPackages(count: number): SyntheticPackage[] {
  return Array.from({ length: count }, (_, index) => {
    const needed = [index * 2 + 1, index * 2 + 2, index + 7].filter((other) => other > index && other < count);
    return {
      name: syntheticName(index),
      version,
      license: licences[index % licences.length] ?? "MIT",
      dependencies: Object.fromEntries(needed.map((other) => [syntheticName(other), `^${version}`])),
    };
  });
}

function syntheticName(index: number): string {
  return `synthetic-part-${String(index).padStart(5, "0")}`;
}

/** An OSV entry about one of so many packages; its range is over, so that nothing is found and all is compared. */
export function makeSyntheticAdvisory(index: number, count: number): object {
  return {
    schema_version: "1.7.0",
    id: `GHSA-synt-heti-${String(index).padStart(5, "0")}`,
    modified: "2026-11-20T00:00:00Z",
    published: "2026-11-01T00:00:00Z",
    summary: "A made-up vulnerability that was fixed before the version in use",
    database_specific: { severity: "HIGH" },
    affected: [
      {
        package: { ecosystem: "npm", name: syntheticName(index % count) },
        ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "0.9.0" }] }],
      },
    ],
  };
}
