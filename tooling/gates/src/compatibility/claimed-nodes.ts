import { intersects, major, satisfies, validRange } from "semver";

/** What a package promises of Node. */
export interface NodeClaims {
  /** Nodes of the matrix that its engines admit. */
  claimed: string[];
  unclaimed: string[];
  /** Majors that its engines admit and the matrix does not have. */
  untested: number[];
}

/**
 * Compares a package's `engines.node` with the Nodes of the matrix; without engines all of them are promised, and no
 * other. An admitted major counts as a claim when it is even, as lines with long support are, and not newer than the newest
 * of the matrix: `>=26` promises nothing of a Node that did not exist when this was written, and odd majors are gone
 * within a year. An odd major counts when the engines name it and do not only pass over it, as `^23.0.0` does.
 */
export function readNodeClaims(engines: string | undefined, nodes: readonly string[]): NodeClaims {
  const range = engines ?? "*";
  const claimed = nodes.filter((node) => satisfies(node, range));
  const unclaimed = nodes.filter((node) => !claimed.includes(node));
  if (engines === undefined || validRange(engines) === null) return { claimed, unclaimed, untested: [] };
  const tested = new Set(claimed.map((node) => major(node)));
  const newest = Math.max(...nodes.map((node) => major(node)));
  const untested = Array.from({ length: newest + 1 }, (_, index) => index)
    .filter((candidate) => isClaimed(candidate, engines))
    .filter((candidate) => !tested.has(candidate));
  return { claimed, unclaimed, untested };
}

/** The first major that npm packages could name, with `import`. */
const oldest = 12;

function isClaimed(candidate: number, engines: string): boolean {
  if (candidate < oldest || !intersects(`${candidate}.x`, engines)) return false;
  return (
    candidate % 2 === 0 ||
    new RegExp(String.raw`(?:^|[^\d.])${candidate}(?:$|[^\d])`).test(engines.replaceAll(">=", ""))
  );
}
