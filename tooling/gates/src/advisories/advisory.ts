import type { severities } from "../policy/advisories-policy.ts";

/** How bad a vulnerability is; `unknown` where nobody has said so. */
export type Severity = (typeof severities)[number] | "unknown";

/** A point at which a vulnerability begins or ends, as OSV writes it. */
export interface RangeEvent {
  introduced?: string;
  fixed?: string;
  last_affected?: string;
  limit?: string;
}

/** What an advisory says about one package. */
export interface Advisory {
  /** As `GHSA-…`, `CVE-…` or `MAL-…`. */
  id: string;
  aliases: string[];
  summary: string;
  severity: Severity;
  /** CVSS base score, 0–10; the highest where there are several. */
  score?: number;
  /** Versions that are affected, by semantic versioning: one list of events for each range. */
  ranges: RangeEvent[][];
  /** Versions that are affected, literally. */
  versions: string[];
  /** A range as npm writes it, from a registry's endpoint. */
  npmRange?: string;
  /** Exports that are vulnerable, where the advisory names them. */
  symbols: string[];
}

/** Whether an advisory is about a package that is malice as a whole. */
export function isMalware({ id, aliases }: Pick<Advisory, "id" | "aliases">): boolean {
  return [id, ...aliases].some((name) => name.startsWith("MAL-"));
}
