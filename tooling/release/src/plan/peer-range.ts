import type { ComprehensiveRelease, Config } from "@changesets/types";
import semver from "semver";

/** Whether a range leaves out some version that the one before took. What is no semver range (`catalog:`, a tag) is not judged. */
export function isNarrower(before: string, after: string): boolean {
  if (semver.validRange(before) === null || semver.validRange(after) === null) return false;
  return !semver.subset(before, after);
}

/** The peer range that stands in the source manifest after a release of the peer: what @changesets/apply-release-plan 8 writes. */
export function toNextRange(
  range: string,
  { newVersion, type }: { newVersion: string; type: ComprehensiveRelease["type"] },
  config: Config,
): string {
  const { bumpVersionsWithWorkspaceProtocolOnly, ___experimentalUnsafeOptions_WILL_CHANGE_IN_PATCH: unsafe } = config;
  const protocol = range.startsWith("workspace:") ? "workspace:" : "";
  const written = range.slice(protocol.length);
  const isOpen = protocol !== "" && ["*", "^", "~"].includes(written);
  const isLeft = protocol === "" && bumpVersionsWithWorkspaceProtocolOnly;
  if (type === "none" || isOpen || isLeft || semver.validRange(written) === null) return range;
  if (semver.satisfies(newVersion, written) && unsafe.onlyUpdatePeerDependentsWhenOutOfRange) return range;
  const takesAll = new semver.Range(written).range === "" && semver.prerelease(newVersion) === null;
  return takesAll ? range : `${protocol}${moveRange(written, newVersion, type)}`;
}

/** What pnpm writes for `workspace:` ranges when it packs. */
export function toPublishedRange(range: string, version: string): string {
  if (!range.startsWith("workspace:")) return range;
  const rest = range.slice("workspace:".length);
  if (rest === "*" || rest.startsWith(".")) return version;
  return rest === "^" || rest === "~" ? `${rest}${version}` : rest;
}

function moveRange(range: string, version: string, type: Exclude<ComprehensiveRelease["type"], "none">): string {
  const [comparators = [], ...alternatives] = new semver.Range(range).set;
  const lower = comparators.find(({ operator }) => operator.startsWith(">"));
  const upper = comparators.find(({ operator }) => operator.startsWith("<"));
  const isSpan = comparators.length === 2 && alternatives.length === 0 && range.includes(">") && range.includes("<");
  if (!isSpan || lower === undefined || upper === undefined) return `${operatorOf(range)}${version}`;
  const bound = semver.satisfies(version, upper.value) ? upper.value : `<${semver.inc(version, type)}`;
  return comparators[0] === lower ? `>=${version} ${bound}` : `${bound} >=${version}`;
}

function operatorOf(range: string): string {
  return /^(\^|~|>=|<=|>)/.exec(range)?.[0] ?? "";
}
