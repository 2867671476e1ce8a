import { HxpError } from "@hxp/errors";
import { z } from "zod";
import { type Advisory, isMalware, type RangeEvent } from "../advisory.ts";
import { type Rating, rateSeverity } from "../rate-severity.ts";
import type { SourceFile } from "./read-zip.ts";

const texts = z.array(z.string()).nullish();
const vectors = z.array(z.looseObject({ type: z.string(), score: z.string() })).nullish();
const specific = z.record(z.string(), z.unknown()).nullish();
const time = z.iso.datetime({ offset: true });

const eventSchema = z.looseObject({
  introduced: z.string().optional(),
  fixed: z.string().optional(),
  last_affected: z.string().optional(),
  limit: z.string().optional(),
});

const rangeSchema = z.looseObject({ type: z.string(), events: z.array(eventSchema) });

const affectedSchema = z.looseObject({
  package: z.looseObject({ ecosystem: z.string(), name: z.string().min(1) }).nullish(),
  ranges: z.array(rangeSchema).nullish(),
  versions: texts,
  severity: vectors,
  ecosystem_specific: specific,
  database_specific: specific,
});

/** An entry in the OSV format (https://ossf.github.io/osv-schema/), as far as it is read; more is let through. */
const osvEntrySchema = z.looseObject({
  id: z.string().min(1),
  modified: time,
  published: time.nullish(),
  withdrawn: time.nullish(),
  aliases: texts,
  summary: z.string().nullish(),
  details: z.string().nullish(),
  severity: vectors,
  affected: z.array(affectedSchema).nullish(),
  references: z.array(z.looseObject({ type: z.string(), url: z.string() })).nullish(),
  database_specific: specific,
});

/** {@link osvEntrySchema}. */
export type OsvEntry = z.output<typeof osvEntrySchema>;

type WrittenEvent = z.output<typeof eventSchema>;
type Affected = z.output<typeof affectedSchema>;

/** Reads a file with an entry in the OSV format. Throws ADVISORY_SOURCE_INVALID. */
export function parseOsvEntry({ path, bytes }: SourceFile): OsvEntry {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw invalid(path, `it is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  const parsed = osvEntrySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(path, `it is no entry in the OSV format:\n${z.prettifyError(parsed.error)}`);
}

const maximumSummary = 240;

/** What an entry says about each npm package, by its name; empty for other ecosystems and for what was withdrawn. */
export function toAdvisories(entry: OsvEntry): Map<string, Advisory> {
  const advisories = new Map<string, Advisory>();
  if (typeof entry.withdrawn === "string") return advisories;
  for (const affected of npmAffected(entry)) {
    const name = affected.package?.name ?? "";
    const next = toAdvisory(entry, affected);
    const known = advisories.get(name);
    advisories.set(name, known === undefined ? next : join(known, next));
  }
  return advisories;
}

/** The parts of an entry that are about npm packages. */
export function npmAffected({ affected }: OsvEntry): Affected[] {
  return (affected ?? []).filter((part) => part.package?.ecosystem === "npm");
}

function toAdvisory(entry: OsvEntry, affected: Affected): Advisory {
  const { id } = entry;
  return {
    id,
    aliases: entry.aliases ?? [],
    summary: summarise(entry),
    ...rate(entry, affected),
    ranges: listRanges(affected),
    versions: affected.versions ?? [],
    symbols: [...readSymbols(affected.ecosystem_specific), ...readSymbols(affected.database_specific)],
  };
}

function summarise({ summary, details }: OsvEntry): string {
  const text = summary ?? details?.split("\n", 1)[0] ?? "";
  return text.length > maximumSummary ? `${text.slice(0, maximumSummary - 1)}…` : text;
}

function rate(entry: OsvEntry, affected: Affected): Rating {
  const words = [entry.database_specific?.["severity"], affected.database_specific?.["severity"]];
  if (isMalware({ id: entry.id, aliases: entry.aliases ?? [] })) words.push("critical");
  const given = [...(entry.severity ?? []), ...(affected.severity ?? [])];
  return rateSeverity(
    words,
    given.map(({ score }) => score),
  );
}

/** The ranges of versions; those of git commits say nothing about packages. */
export function listRanges({ ranges }: Affected): RangeEvent[][] {
  const ofVersions = (ranges ?? []).filter(({ type }) => type === "SEMVER" || type === "ECOSYSTEM");
  return ofVersions.map(({ events }) => events.map(toEvent));
}

/** Without what else an event says. */
function toEvent({ introduced, fixed, last_affected, limit }: WrittenEvent): RangeEvent {
  return {
    ...(introduced === undefined ? {} : { introduced }),
    ...(fixed === undefined ? {} : { fixed }),
    ...(last_affected === undefined ? {} : { last_affected }),
    ...(limit === undefined ? {} : { limit }),
  };
}

/** The schema leaves the place open: `imports` of Go's database, `functions` of RustSec's and GitHub's. */
function readSymbols(fields: Record<string, unknown> | null | undefined): string[] {
  const lists = [
    fields?.["functions"],
    fields?.["affected_functions"],
    fields?.["symbols"],
    ...(Array.isArray(fields?.["imports"]) ? fields["imports"].map(symbolsOf) : []),
  ];
  const names = lists.flatMap((list) => (Array.isArray(list) ? list : []));
  // `lodash.template` and `lodash::template` are the export `template`.
  return names.flatMap((name) => (typeof name === "string" ? (name.split(/[.:#]+/).at(-1) ?? []) : []));
}

function symbolsOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "symbols" in value ? value.symbols : undefined;
}

/** Entries name a package once for each of its ranges. */
function join(a: Advisory, b: Advisory): Advisory {
  const { severity, score } = rateSeverity([a.severity, b.severity], []).severity === a.severity ? a : b;
  return {
    ...a,
    severity,
    ...(score === undefined ? {} : { score }),
    ranges: [...a.ranges, ...b.ranges],
    versions: [...new Set([...a.versions, ...b.versions])],
    symbols: [...new Set([...a.symbols, ...b.symbols])],
  };
}

function invalid(path: string, why: string, cause?: unknown): HxpError {
  return new HxpError("ADVISORY_SOURCE_INVALID", `${path} is refused: ${why}`, { cause });
}
