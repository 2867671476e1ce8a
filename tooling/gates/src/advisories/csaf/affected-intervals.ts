import { compare, parse } from "semver";
import type { RangeEvent } from "../advisory.ts";

/** Versions from one on up to another, either end open. */
export interface Interval {
  from?: string;
  /** The first version that is mended. */
  before?: string;
  /** The last version that is not. */
  upTo?: string;
}

/** Turns the events of an OSV range into intervals, in order. Events whose version cannot be read are refused with RangeError. */
export function toIntervals(events: readonly RangeEvent[]): Interval[] {
  const intervals: Interval[] = [];
  let open: Interval | undefined;
  const steps = events.map((event) => ({ event, at: versionOf(event) })).toSorted((a, b) => compare(a.at, b.at));
  for (const { introduced, fixed, last_affected } of steps.map(({ event }) => event)) {
    if (introduced !== undefined) open ??= introduced === "0" ? {} : { from: introduced };
    if (open === undefined || (fixed === undefined && last_affected === undefined)) continue;
    intervals.push({ ...open, ...(fixed === undefined ? { upTo: last_affected ?? "" } : { before: fixed }) });
    open = undefined;
  }
  return open === undefined ? intervals : [...intervals, open];
}

/** An interval as a version range specifier (https://github.com/package-url/vers-spec) of npm. */
export function renderVers({ from, before, upTo }: Interval): string {
  const bounds = [
    ...(from === undefined ? [] : [`>=${encodeURIComponent(from)}`]),
    ...(before === undefined ? [] : [`<${encodeURIComponent(before)}`]),
    ...(upTo === undefined ? [] : [`<=${encodeURIComponent(upTo)}`]),
  ];
  return `vers:npm/${bounds.length === 0 ? "*" : bounds.join("|")}`;
}

/** An interval for a person. */
export function describeInterval({ from, before, upTo }: Interval): string {
  const bounds = [
    ...(from === undefined ? [] : [`>=${from}`]),
    ...(before === undefined ? [] : [`<${before}`]),
    ...(upTo === undefined ? [] : [`<=${upTo}`]),
  ];
  return bounds.length === 0 ? "in every version" : bounds.join(" ");
}

function versionOf({ introduced, fixed, last_affected }: RangeEvent): string {
  const text = introduced ?? fixed ?? last_affected ?? "";
  // Before all versions.
  if (text === "0") return "0.0.0-0";
  if (parse(text) === null) throw new RangeError(`${JSON.stringify(text)} is no version`);
  return text;
}
