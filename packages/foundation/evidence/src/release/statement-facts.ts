import { z } from "zod";
import { provenancePredicate } from "../statement/provenance.ts";
import { releasePlanPredicate } from "../statement/release-plan.ts";
import { releaseRecordPredicate } from "../statement/release-record.ts";
import { sbomPredicate } from "../statement/sbom.ts";
import type { Subject } from "../statement/statement.ts";
import { testResultPredicate } from "../statement/test-result.ts";
import { verificationSummaryPredicate } from "../statement/verification-summary.ts";
import type { Trust } from "../trust/trust.ts";
import type { VerifiedStatement } from "../verify/verify-statement.ts";
import { gatherSigners, gatherTimes } from "./gather-facts.ts";
import { countDaysLeft } from "./gate-result.ts";
import {
  hasCertificate,
  renderNotJudged,
  renderSections,
  renderSigner,
  renderTimes,
  renderWaiver,
} from "./render-facts.ts";
import type { LogFacts, SignerFacts, WaiverFacts } from "./release-facts.ts";
import { findNotJudged } from "./required-gates.ts";

/** What one or several statements about the same bytes make known. Plain data; times are ISO 8601, UTC. */
export interface StatementFacts {
  predicateTypes: readonly string[];
  /** What the statements are about. */
  subjects: readonly Subject[];
  commits: readonly string[];
  builders: readonly string[];
  /** PASSED or FAILED, as a summary or test result says it. */
  results: readonly string[];
  levels: readonly string[];
  /** Gates with their verdicts, as a verification summary names them. */
  gates: Readonly<Record<string, string>>;
  /** Required gates that a verification summary gives no verdict of. */
  notJudged: readonly string[];
  /** Gates that did not run, with the reason. */
  notRun: Readonly<Record<string, string>>;
  waivers: readonly WaiverFacts[];
  signers: readonly SignerFacts[];
  log: Pick<LogFacts, "statements" | "first" | "last">;
}

/** Says what verified statements make known; what a statement of its kind does not say is empty. Decides nothing. */
export function gatherStatementFacts(
  statements: readonly VerifiedStatement[],
  { trust, now = new Date() }: { trust: Trust; now?: Date | undefined },
): StatementFacts {
  const parts = statements.map(({ statement }) => readParts(statement.predicateType, statement.predicate));
  const unique = (key: "commits" | "builders" | "results" | "levels"): string[] => [
    ...new Set(parts.flatMap((part) => part[key])),
  ];
  const subjects = new Map(
    statements.flatMap(({ statement }) => statement.subject.map((subject) => [JSON.stringify(subject), subject])),
  );
  return {
    predicateTypes: statements.map(({ statement }) => statement.predicateType),
    subjects: [...subjects.values()],
    commits: unique("commits"),
    builders: unique("builders"),
    results: unique("results"),
    levels: unique("levels"),
    gates: Object.fromEntries(parts.flatMap(({ gates }) => Object.entries(gates))),
    notJudged: [...new Set(parts.flatMap(({ notJudged }) => notJudged))],
    notRun: Object.fromEntries(parts.flatMap(({ notRun }) => Object.entries(notRun))),
    waivers: parts
      .flatMap(({ waivers }) => waivers)
      .map((waiver) => ({ ...waiver, daysLeft: countDaysLeft(waiver.expires, now) })),
    signers: gatherSigners(statements, trust),
    log: gatherTimes(statements),
  };
}

/** Facts of statements, for a person; a kind of fact that they do not say is left out. */
export function renderStatementFacts(facts: StatementFacts): string {
  const isProven = hasCertificate(facts.signers);
  return renderSections([
    ["says", facts.predicateTypes],
    ["about", facts.subjects.map(({ name = "bytes", digest }) => `${name} ${renderDigest(digest)}`)],
    ["commit", facts.commits],
    ["builder", facts.builders.map((builder) => `${builder}${isProven ? "" : ", by the signer's own word"}`)],
    ["result", facts.results],
    ["levels", facts.levels.length === 0 ? [] : [facts.levels.join(", ")]],
    ["rebuilt", renderRebuilt(facts)],
    ["gates", Object.entries(facts.gates).map(([gate, verdict]) => `${verdict.padEnd(8)} ${gate}`)],
    ["not judged", renderNotJudged(facts.notJudged)],
    ["not run", Object.entries(facts.notRun).map(([gate, why]) => `NOT RUN: ${gate}: ${why}`)],
    ["waivers", facts.waivers.map((waiver) => renderWaiver(waiver))],
    ["signed by", facts.signers.map((signer) => renderSigner(signer))],
    ["log", [renderTimes(facts.log)]],
  ]);
}

type Parts = Pick<StatementFacts, "commits" | "builders" | "results" | "levels" | "gates" | "notJudged" | "notRun"> & {
  waivers: readonly KeptWaiver[];
};

const waiverSchema = z.object({
  gate: z.string(),
  rule: z.string(),
  package: z.string().optional(),
  dependency: z.string().optional(),
  owner: z.string(),
  reason: z.string(),
  expires: z.iso.date(),
});
type KeptWaiver = z.infer<typeof waiverSchema>;

const exceptionsSchema = z.object({
  gates: z.record(z.string(), z.string()).catch({}),
  notRun: z.record(z.string(), z.string()).catch({}),
  waivers: z.array(waiverSchema).catch([]),
});

const nothing: Parts = {
  commits: [],
  builders: [],
  results: [],
  levels: [],
  gates: {},
  notJudged: [],
  notRun: {},
  waivers: [],
};

function readParts(type: string, predicate: unknown): Parts {
  const read = Object.hasOwn(readers, type) ? readers[type] : undefined;
  return { ...nothing, ...read?.(predicate) };
}

/** Kinds of statements by their type. What does not fit its schema says nothing. */
const readers: Readonly<Record<string, (predicate: unknown) => Partial<Parts>>> = {
  [provenancePredicate.type]: (predicate) => {
    const { data } = provenancePredicate.schema.safeParse(predicate);
    const commits = (data?.buildDefinition.resolvedDependencies ?? []).flatMap(({ digest }) => {
      const commit = digest?.["gitCommit"];
      return commit === undefined ? [] : [commit];
    });
    return { commits, builders: data === undefined ? [] : [data.runDetails.builder.id] };
  },
  [verificationSummaryPredicate.type]: (predicate) => {
    const { data } = verificationSummaryPredicate.schema.safeParse(predicate);
    if (data === undefined) return {};
    const { verificationResult, verifiedLevels } = data;
    const exceptions = exceptionsSchema.parse(predicate);
    const notJudged = findNotJudged(Object.keys(exceptions.gates));
    return { results: [verificationResult], levels: verifiedLevels, notJudged, ...exceptions };
  },
  [testResultPredicate.type]: (predicate) => {
    const { data } = testResultPredicate.schema.safeParse(predicate);
    return { results: data === undefined ? [] : [data.result] };
  },
  [releasePlanPredicate.type]: (predicate) => {
    const { data } = releasePlanPredicate.schema.safeParse(predicate);
    return { commits: data === undefined ? [] : [data.source.commit] };
  },
  [releaseRecordPredicate.type]: (predicate) => {
    const { data } = releaseRecordPredicate.schema.safeParse(predicate);
    return { results: data === undefined ? [] : [data.outcome] };
  },
  [sbomPredicate.type]: () => ({}),
};

function renderRebuilt({ levels, results }: StatementFacts): string[] {
  if (results.length === 0 || levels.length === 0) return [];
  return [
    levels.includes("HXP_REBUILT_IDENTICALLY") ? "identically" : "NOT: the summary names no identical second build",
  ];
}

function renderDigest(digest: Subject["digest"]): string {
  return Object.entries(digest)
    .map(([algorithm, value]) => `${algorithm}:${value}`)
    .join(" ");
}
