import { compareText } from "../text/compare-text.ts";
import type { DatabaseManifest } from "./database/database-format.ts";
import type { Severity } from "./advisory.ts";
import { indexClosure } from "./index-closure.ts";
import type { Occurrence } from "./observe-match.ts";
import type { RegistryAnswer } from "./ask-registry.ts";

/** All that the advisories gate looked at, for the report. */
// A type alias, because an interface is no JSON value.
export type AdvisoriesDetails = {
  /** The imported snapshot; `digest` is that of the file that was imported. */
  database?: { name: string; digest: string; importedAt: string; modified: string; entries: number };
  /** Whether the registry's own endpoint was a source, and how that went. */
  registry: { answered: boolean; says: string };
  /** Packages that were looked up, the released ones included. */
  checked: number;
  matches: AdvisoryMatch[];
};

/** One vulnerability of one package, over all packages of the release that have it. */
export type AdvisoryMatch = {
  advisory: string;
  aliases: string[];
  summary: string;
  severity: Severity;
  score?: number;
  id: string;
  name: string;
  version: string;
  fixedIn?: string[];
  /** Packages of the release. */
  usedBy: string[];
  /** Ids, the released package first; at most five for each of `usedBy`. */
  paths: string[][];
  reachable: "yes" | "no" | "unknown";
  why?: string;
  /** What is said of it; of several, the one that leaves it open. */
  statement?: { status: string; justification?: string; owner: string; reason: string; expires: string; where: string };
  /** `answered` only if it is in each of `usedBy`. */
  verdict: "open" | "answered";
};

/** Makes the details of occurrences, those of one match together. */
export function toDetails(
  occurrences: readonly Occurrence[],
  {
    snapshot,
    registry,
    checked,
  }: { snapshot: DatabaseManifest | undefined; registry: RegistryAnswer; checked: number },
): AdvisoriesDetails {
  const byMatch = Map.groupBy(occurrences, ({ match }) => match);
  return {
    ...(snapshot === undefined
      ? {}
      : {
          database: {
            name: "osv-npm",
            digest: snapshot.digest,
            importedAt: snapshot.importedAt,
            modified: snapshot.modified,
            entries: snapshot.entries,
          },
        }),
    registry: { answered: registry.answered, says: registry.says },
    checked,
    matches: [...byMatch.values()].map(toMatch),
  };
}

function toMatch(occurrences: readonly Occurrence[]): AdvisoryMatch {
  const [first] = occurrences;
  if (first === undefined) throw new RangeError("a match without an occurrence");
  const { advisory, aliases, summary, severity, score, component, fixedIn } = first.match;
  const isAnswered = occurrences.every(({ answer }) => answer.isAnswered);
  const told = occurrences.find(({ answer }) => answer.isAnswered === isAnswered && answer.statement !== undefined);
  const used = worstUse(occurrences);
  const { id, name, version } = component;
  return {
    advisory,
    aliases,
    summary,
    severity,
    ...(score === undefined ? {} : { score }),
    id,
    name,
    version,
    ...(fixedIn.length === 0 ? {} : { fixedIn }),
    usedBy: occurrences.map(({ closure }) => closure.root.name).toSorted(compareText),
    paths: occurrences
      .flatMap(({ closure }) => pathsOf(closure, id))
      .toSorted((a, b) => compareText(a.join(), b.join())),
    reachable: used.reachable,
    why: used.why,
    ...(told?.answer.statement === undefined ? {} : { statement: toStatement(told.answer.statement) }),
    verdict: isAnswered ? "answered" : "open",
  };
}

function worstUse(occurrences: readonly Occurrence[]): Occurrence["use"] {
  const uses = occurrences.map(({ use }) => use);
  const none = { reachable: "unknown", why: "" } as const;
  return (
    (["yes", "unknown", "no"] as const).flatMap((kind) => uses.find(({ reachable }) => reachable === kind) ?? [])[0] ??
    none
  );
}

function toStatement(
  statement: NonNullable<Occurrence["answer"]["statement"]>,
): NonNullable<AdvisoryMatch["statement"]> {
  const { status, justification, owner, reason, expires, where } = statement;
  return { status, ...(justification === undefined ? {} : { justification }), owner, reason, expires, where };
}

/** The package itself has no way to itself but its id. */
function pathsOf(closure: Occurrence["closure"], id: string): string[][] {
  const paths = indexClosure(closure).byId.get(id)?.dependencyPaths ?? [];
  return paths.length === 0 ? [[id]] : paths;
}
