import { subset, validRange } from "semver";
import type { ApiChange } from "../api-change.ts";

/** How a range of versions changed; undefined where it did not, or means the same. */
export interface RangeChange {
  change: "narrowed" | "widened" | "changed";
  /** Whether some version that was allowed is not any more. */
  isBreaking: boolean;
}

/**
 * Compares ranges of versions. What is no semver range, such as a tag or a url, is judged by its text, and breaking when
 * it differs: it cannot be shown to take what was taken before.
 */
export function compareRanges(before: string, after: string): RangeChange | undefined {
  if (before === after) return undefined;
  if (validRange(before) === null || validRange(after) === null) return { change: "changed", isBreaking: true };
  const isCovered = subset(before, after);
  const isInside = subset(after, before);
  if (isCovered && isInside) return undefined;
  if (isCovered) return { change: "widened", isBreaking: false };
  return { change: isInside ? "narrowed" : "changed", isBreaking: true };
}

/** Compares `engines`; a missing key means any version. */
export function compareEngines(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): ApiChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return names.flatMap((name): ApiChange[] => {
    const [was, is] = [before[name] ?? "*", after[name] ?? "*"];
    const result = compareRanges(was, is);
    if (result === undefined) return [];
    const reason = result.isBreaking
      ? `Consumers with some version in \`${was}\` have none in \`${is}\`.`
      : `More versions of ${name} are supported.`;
    const bump = result.isBreaking ? "major" : "minor";
    return [{ kind: "engines", where: `engines.${name}`, change: result.change, before: was, after: is, bump, reason }];
  });
}
