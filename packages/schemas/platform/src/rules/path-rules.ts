import type { Rule } from "@hxp/config";
import type { BaseConfig } from "../sections/base.ts";

/** No path of the host layout lies in another: each has its own owner, mode and life. */
export const pathsAreApart: Rule<BaseConfig> = {
  reads: ["paths"],
  check: ({ paths }) => {
    const named = namedPaths(paths);
    const pairs = named.flatMap((outer) => named.filter((inner) => inner !== outer).map((inner) => ({ outer, inner })));
    return pairs.filter(isWithin).map(({ outer: [outerKey, outer], inner: [innerKey, inner] }) => ({
      path: ["paths", innerKey],
      message: `paths.${innerKey} is ${inner}, which ${inner === outer ? "is also" : `lies in ${outer}, which is`} paths.${outerKey}.`,
      expected: "paths of which none contains another",
    }));
  },
};

/** The root of trust lies where no deployment writes: what a bundle could replace would prove nothing. */
export const trustIsOutOfReach: Rule<BaseConfig> = {
  reads: ["paths", "release"],
  check: ({ paths, release: { trustedRoot } }) => {
    if (trustedRoot === undefined) return [];
    const holders = namedPaths(paths).filter(([, path]) => contains(path, trustedRoot));
    return holders.map(([key, path]) => ({
      path: ["release", "trustedRoot"],
      message: `release.trustedRoot is ${trustedRoot}, which lies in ${path} (paths.${key}): a deployment could replace it.`,
      expected: "a path outside the folders under paths",
    }));
  },
};

type NamedPath = readonly [key: string, path: string];

/** The paths that are set. */
function namedPaths(paths: BaseConfig["paths"]): NamedPath[] {
  return Object.entries(paths).flatMap(([key, path]) => (path === undefined ? [] : [[key, path] as const]));
}

function isWithin({
  outer: [outerKey, outer],
  inner: [innerKey, inner],
}: {
  outer: NamedPath;
  inner: NamedPath;
}): boolean {
  // Two equal paths are one problem, not two.
  return outer === inner ? outerKey < innerKey : contains(outer, inner);
}

function contains(outer: string, inner: string): boolean {
  return inner === outer || inner.startsWith(`${outer}/`);
}
