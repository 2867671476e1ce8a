import { isDeepStrictEqual } from "node:util";
import type { Trust } from "../trust/trust.ts";
import type { VerifiedStatement } from "../verify/verify-statement.ts";
import { evidenceFiles, isRehearsal, type SealedRelease } from "./evidence-folder.ts";
import { countDaysLeft, type KeptGateResult } from "./gate-result.ts";
import type { LogFacts, RebuildFacts, ReleaseFacts, SignerFacts, WaiverFacts } from "./release-facts.ts";
import { findNotJudged } from "./required-gates.ts";
import type { VerifyOptions } from "./verification.ts";
import type { VerifiedGate } from "./verify-gates.ts";
import type { PackageStatements } from "./verify-package-statements.ts";
import type { VerifiedRecord } from "./verify-records.ts";

/** All of a release that was verified. */
export interface VerifiedParts {
  sealed: SealedRelease;
  /** The statement with the plan. */
  planned: VerifiedStatement;
  records: readonly VerifiedRecord[];
  gates: readonly VerifiedGate[];
  secondOpinion: readonly KeptGateResult[];
  packages: readonly PackageStatements[];
  smoke: { cells: readonly string[]; verified: VerifiedStatement };
  log: Pick<LogFacts, "origin" | "entries" | "grownFrom">;
}

/** Says what verified evidence makes known. Decides nothing. */
export function gatherFacts(parts: VerifiedParts, { trust, now = new Date() }: VerifyOptions): ReleaseFacts {
  const { sealed, records, gates, packages, smoke, log } = parts;
  const { plan, id } = sealed;
  const results = [...gates.map(({ result }) => result), ...parts.secondOpinion];
  const statements = [
    parts.planned,
    ...packages.flatMap(({ provenance, sbom, summary }) => [provenance, sbom, summary]),
    ...gates.map(({ verified }) => verified),
    smoke.verified,
    ...records.map(({ verified }) => verified),
  ];
  return {
    release: id,
    isRehearsal: isRehearsal(plan),
    registry: plan.registry.identity,
    channel: plan.channel,
    source: { commit: plan.source.commit, repository: plan.source.repository, dirty: plan.source.dirty },
    packages: packages.map(({ planned: { name, version, tarball }, levels }) => ({
      name,
      version,
      ...tarball,
      levels,
    })),
    builders: [...new Set(packages.map(({ builder }) => builder))],
    rebuild: toRebuildFacts(results),
    gates: [
      ...gates.map(({ result: { gate, verdict } }) => ({ gate, verdict, file: `${evidenceFiles.gates}/${gate}.json` })),
      ...parts.secondOpinion.map(({ gate, verdict }) => ({ gate, verdict, file: evidenceFiles.secondOpinion })),
    ],
    notJudged: findNotJudged(gates.map(({ result }) => result.gate)),
    notRun: results.filter(({ verdict }) => verdict === "not-run").map(({ gate, reason }) => ({ gate, reason })),
    waivers: gatherWaivers(results, now),
    smoke: smoke.cells,
    endings: records.map(({ outcome, reason, recordedAt }) => ({ outcome, reason, recordedAt })),
    signers: gatherSigners(statements, trust),
    log: { ...pickGrowth(log), ...gatherTimes(statements) },
  };
}

function toRebuildFacts(results: readonly KeptGateResult[]): RebuildFacts {
  const rebuild = results.find(({ gate }) => gate === "rebuild");
  if (rebuild === undefined) return { result: "not-judged", observed: {} };
  return { result: rebuild.verdict === "passed" ? "identical" : rebuild.verdict, observed: rebuild.observed ?? {} };
}

function gatherWaivers(results: readonly KeptGateResult[], now: Date): WaiverFacts[] {
  const waivers = results.flatMap(({ findings }) => findings).flatMap(({ waiver }) => waiver ?? []);
  return waivers
    .filter((waiver, index) => waivers.findIndex((other) => isDeepStrictEqual(other, waiver)) === index)
    .map((waiver) => ({ ...waiver, daysLeft: countDaysLeft(waiver.expires, now) }));
}

function pickGrowth({ origin, entries, grownFrom }: VerifiedParts["log"]): VerifiedParts["log"] {
  return { origin, entries, grownFrom };
}

/** Who signed some statements, each once. */
export function gatherSigners(statements: readonly VerifiedStatement[], trust: Trust): SignerFacts[] {
  const signers = statements.map(({ signedBy }): SignerFacts => {
    if (signedBy.kind === "certificate") return { name: signedBy.subject, id: signedBy.issuer, validFor: null };
    const key = trust.keys.find(({ hint }) => hint === signedBy.hint);
    return { name: signedBy.name, id: signedBy.hint, validFor: key?.validFor ?? null };
  });
  return signers.filter((signer, index) => signers.findIndex((other) => isDeepStrictEqual(other, signer)) === index);
}

/** How many statements the log took, and when. */
export function gatherTimes(statements: readonly VerifiedStatement[]): Pick<LogFacts, "statements" | "first" | "last"> {
  const times = statements.map(({ loggedAt }) => loggedAt.toISOString()).toSorted();
  return { statements: times.length, first: times[0] ?? "", last: times.at(-1) ?? "" };
}
