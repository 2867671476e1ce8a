import { compare, type SemVer, satisfies, parse, validRange } from "semver";
import type { Advisory, RangeEvent } from "./advisory.ts";

/** `undecidable`: the advisory or the version cannot be read, which counts as affected. */
export type Affected = "yes" | "no" | "undecidable";

/** Whether an advisory holds for a version, by the algorithm of the OSV schema (evaluation of affected versions). */
export function isAffected(version: string, advisory: Advisory): Affected {
  const { ranges, versions, npmRange } = advisory;
  if (versions.some((listed) => isSame(listed, version))) return "yes";
  const answers = ranges.map((events) => isInRange(version, events));
  if (npmRange !== undefined) answers.push(isInNpmRange(version, npmRange));
  if (answers.includes("yes")) return "yes";
  // An advisory that names no version at all warns of them all.
  if (answers.length === 0 && versions.length === 0) return "undecidable";
  return answers.includes("undecidable") ? "undecidable" : "no";
}

/** The version that each range which holds for a version ends with, the lowest first; empty where there is none yet. */
export function listFixes(version: string, { ranges }: Pick<Advisory, "ranges">): string[] {
  const fixes = ranges
    .filter((events) => isInRange(version, events) === "yes")
    .flatMap((events) => events.flatMap(({ fixed }) => fixed ?? []))
    .filter((fixed) => parse(fixed) !== null && compare(fixed, version) > 0)
    .toSorted(compare);
  return [...new Set(fixes)].slice(0, 1);
}

function isSame(listed: string, version: string): boolean {
  if (listed === version) return true;
  const [left, right] = [parse(listed), parse(version)];
  return left !== null && right !== null && left.version === right.version;
}

interface Step {
  /** Undefined stands for before all versions. */
  at: SemVer | undefined;
  kind: keyof RangeEvent;
}

function isInRange(version: string, events: readonly RangeEvent[]): Affected {
  const subject = parse(version);
  const steps = events.flatMap(toSteps);
  const known = steps.filter((step) => step !== undefined).toSorted(compareSteps);
  if (subject === null || known.length === 0 || known.length < steps.length) return "undecidable";
  if (isBeyond(subject, known)) return "no";
  return known.reduce((isIn, step) => take(step, subject, isIn), false) ? "yes" : "no";
}

/** Beyond every limit, where there are limits. */
function isBeyond(subject: SemVer, steps: readonly Step[]): boolean {
  const limits = steps.filter(({ kind }) => kind === "limit");
  return limits.length > 0 && limits.every(({ at }) => at !== undefined && subject.compare(at) >= 0);
}

function take({ at, kind }: Step, subject: SemVer, isIn: boolean): boolean {
  const order = at === undefined ? 1 : subject.compare(at);
  if (kind === "introduced") return isIn || order >= 0;
  if (kind === "fixed") return isIn && order < 0;
  return kind === "last_affected" ? isIn && order <= 0 : isIn;
}

function toSteps(event: RangeEvent): (Step | undefined)[] {
  return (["introduced", "fixed", "last_affected", "limit"] as const).flatMap((kind): (Step | undefined)[] => {
    const text = event[kind];
    if (text === undefined || (kind === "limit" && text === "*")) return [];
    if (kind === "introduced" && text === "0") return [{ at: undefined, kind }];
    const at = parse(text);
    return [at === null ? undefined : { at, kind }];
  });
}

/** Where a version both ends and begins a vulnerability, it is affected. */
function compareSteps(a: Step, b: Step): number {
  if (a.at === undefined || b.at === undefined) return Number(b.at === undefined) - Number(a.at === undefined);
  return a.at.compare(b.at) || Number(a.kind === "introduced") - Number(b.kind === "introduced");
}

function isInNpmRange(version: string, range: string): Affected {
  if (parse(version) === null || validRange(range) === null) return "undecidable";
  return satisfies(version, range, { includePrerelease: true }) ? "yes" : "no";
}
