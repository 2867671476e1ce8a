import type { ReportData } from "../report-data.ts";
import { compareText } from "./report-table.ts";

/** What is known of a package of the closure, joined from all gates that looked at it and from the SBOMs. */
export interface DependencyFacts {
  id: string;
  name: string;
  version: string;
  licence?: string | undefined;
  /** Highest severity of the advisories that match; undefined where advisories were not looked at. */
  advisory?: string | undefined;
  /** ISO 8601. */
  published?: string | undefined;
  depth?: number | undefined;
  usedBy: readonly string[];
}

const severities = ["critical", "high", "moderate", "low", "unknown"];

/** Joins what gates and SBOMs know of each package version, by `name@version`, sorted. */
export function listDependencyFacts(data: ReportData): DependencyFacts[] {
  const { conflicts, licences, advisories } = data.details;
  const found = new Map<string, DependencyFacts>();
  for (const facts of [...listComponents(data), ...(licences?.packages ?? []), ...(conflicts?.packages ?? [])]) {
    found.set(facts.id, merge(found.get(facts.id), facts));
  }
  const matches = Map.groupBy(advisories?.matches ?? [], ({ id }) => id);
  const own = new Set((data.plan?.packages ?? []).map(({ name, version }) => `${name}@${version}`));
  return [...found.values()]
    .filter(({ id }) => !own.has(id))
    .map((facts) => ({ ...facts, advisory: advisories && worstOf(matches.get(facts.id) ?? []) }))
    .toSorted((left, right) => compareText(left.id, right.id));
}

function listComponents({ sboms }: ReportData): DependencyFacts[] {
  return sboms.flatMap(({ id, components }) =>
    components.map(({ name, version, licence }) => ({
      id: `${name}@${version}`,
      name,
      version,
      licence: licence === "" ? undefined : licence,
      usedBy: [id.slice(0, id.lastIndexOf("@"))],
    })),
  );
}

/** Whole months between two times; null where one is not known. */
export function monthsBetween(from: string | undefined, to: string | undefined): number | null {
  const [start, end] = [Date.parse(from ?? ""), Date.parse(to ?? "")];
  if (Number.isNaN(start) || Number.isNaN(end)) return null;
  return Math.max(0, Math.floor((end - start) / (30.436875 * 24 * 3600 * 1000)));
}

/** An age in months as one of four bands; by it rows are grouped. */
export function bandOfAge(months: number | null): string | null {
  if (months === null) return null;
  if (months < 3) return "under 3 months";
  if (months < 12) return "3 to 12 months";
  return months < 24 ? "1 to 2 years" : "over 2 years";
}

/** The time to which ages are counted: when the release was recorded, else when its source was committed. */
export function timeOfRelease({ outcome, plan }: ReportData): string | undefined {
  if (outcome !== undefined) return outcome.recordedAt;
  return plan?.source.time === undefined ? undefined : new Date(plan.source.time * 1000).toISOString();
}

function merge(known: DependencyFacts | undefined, more: DependencyFacts): DependencyFacts {
  return {
    id: more.id,
    name: more.name,
    version: more.version,
    licence: more.licence ?? known?.licence,
    published: more.published ?? known?.published,
    depth: more.depth ?? known?.depth,
    usedBy: [...new Set([...more.usedBy, ...(known?.usedBy ?? [])])].toSorted(),
  };
}

function worstOf(matches: readonly { severity: string }[]): string {
  if (matches.length === 0) return "none";
  return severities.find((severity) => matches.some((match) => match.severity === severity)) ?? "unknown";
}
