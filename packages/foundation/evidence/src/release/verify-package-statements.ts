import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { provenancePredicate } from "../statement/provenance.ts";
import { sbomPredicate } from "../statement/sbom.ts";
import { digestBytes, serializeStatement } from "../statement/statement.ts";
import { verificationSummaryPredicate } from "../statement/verification-summary.ts";
import { type VerifiedStatement, verifyStatement } from "../verify/verify-statement.ts";
import { packageFolder, type SealedRelease, tarballPath } from "./evidence-folder.ts";
import { packageUrl, type PlannedPackage } from "./plan-file.ts";
import { findNotJudged } from "./required-gates.ts";
import { failed, readBundle, type VerifyOptions } from "./verification.ts";
import type { VerifiedGate } from "./verify-gates.ts";

/** The signed statements about one package of a release. */
export interface PackageStatements {
  planned: PlannedPackage;
  provenance: VerifiedStatement;
  sbom: VerifiedStatement;
  summary: VerifiedStatement;
  builder: string;
  levels: readonly string[];
}

/** Verifies provenance, SBOM and verification summary of a package against its bytes, the plan and the gates. */
export function verifyPackageStatements(
  sealed: SealedRelease,
  planned: PlannedPackage,
  { gates, ...options }: VerifyOptions & { gates: readonly VerifiedGate[] },
): PackageStatements {
  const folder = packageFolder(sealed, planned);
  const subjects = [
    { name: packageUrl(planned.name, planned.version), bytes: readFileSync(tarballPath(sealed, planned)) },
  ];
  const read = (file: string, predicateType: string): VerifiedStatement =>
    verifyStatement(readBundle(join(folder, file)), { ...options, predicateType, subjects });
  const provenance = read("provenance.sigstore.json", provenancePredicate.type);
  const sbom = read("sbom.sigstore.json", sbomPredicate.type);
  const summary = read("verification-summary.sigstore.json", verificationSummaryPredicate.type);
  const builder = requireSource(join(folder, "provenance.sigstore.json"), provenance, sealed);
  const inputs = [provenance, sbom, ...gates.map(({ verified }) => verified)];
  const levels = requireSummary(join(folder, "verification-summary.sigstore.json"), { summary, inputs, gates });
  const plain: unknown = JSON.parse(readFileSync(join(folder, "sbom.cdx.json"), "utf8"));
  if (!isDeepStrictEqual(plain, sbom.statement.predicate)) {
    throw failed(join(folder, "sbom.cdx.json"), "is not the SBOM that was signed");
  }
  return { planned, provenance, sbom, summary, builder, levels };
}

/** The provenance is of the plan's commit and of this release; returns the builder's id. */
function requireSource(path: string, provenance: VerifiedStatement, { id, plan }: SealedRelease): string {
  const { buildDefinition, runDetails } = provenancePredicate.parse(provenance.statement).predicate;
  const commits = (buildDefinition.resolvedDependencies ?? []).map(({ digest }) => digest?.["gitCommit"]);
  if (!commits.includes(plan.source.commit)) throw failed(path, `is not of the commit ${plan.source.commit}`);
  if (runDetails.metadata?.invocationId !== id) throw failed(path, "is of another release");
  return runDetails.builder.id;
}

const summarySchema = z.looseObject({
  gates: z.record(z.string(), z.string()).default({}),
  notRun: z.record(z.string(), z.string()).default({}),
  notJudged: z.array(z.string()).default([]),
  waivers: z.array(z.unknown()).default([]),
});

/** What a verification summary says beside SLSA's fields: gates with verdicts, those that did not run or were left out, waivers. */
function readSummary(path: string, summary: VerifiedStatement): z.infer<typeof summarySchema> {
  const parsed = summarySchema.safeParse(summary.statement.predicate);
  if (parsed.success) return parsed.data;
  throw failed(path, `cannot be read: ${z.prettifyError(parsed.error)}`);
}

interface SummaryParts {
  summary: VerifiedStatement;
  inputs: readonly VerifiedStatement[];
  gates: readonly VerifiedGate[];
}

/** A summary says PASSED of all gates whose results are here, and of the statements that are here, and of no others. */
function requireSummary(path: string, parts: SummaryParts): readonly string[] {
  const { predicate } = verificationSummaryPredicate.parse(parts.summary.statement);
  if (predicate.verificationResult !== "PASSED") throw failed(path, "does not say PASSED");
  requireExceptions(path, parts);
  const present = new Set(parts.inputs.map(({ statement }) => digestBytes(serializeStatement(statement)).sha256));
  const named = new Set((predicate.inputAttestations ?? []).map(({ digest }) => digest?.["sha256"]));
  if (!isDeepStrictEqual(named, new Set<string | undefined>(present)))
    throw failed(path, "rests on other statements than are here");
  const isRebuilt = parts.gates.some(({ result }) => result.gate === "rebuild" && result.verdict === "passed");
  if (predicate.verifiedLevels.includes("HXP_REBUILT_IDENTICALLY") !== isRebuilt)
    throw failed(path, "says something else of the second build than its gate");
  return predicate.verifiedLevels;
}

/** Beside PASSED stand the verdicts, the gates that did not run or were left out, and the waivers that were needed. */
function requireExceptions(path: string, { summary, gates }: SummaryParts): void {
  const said = readSummary(path, summary);
  const verdicts = Object.fromEntries(gates.map(({ result }) => [result.gate, result.verdict]));
  if (!isDeepStrictEqual(said.gates, verdicts)) throw failed(path, "names other gates or verdicts than are here");
  const notRun = gates.filter(({ result }) => result.verdict === "not-run").map(({ result }) => result.gate);
  if (!isDeepStrictEqual(new Set(Object.keys(said.notRun)), new Set(notRun)))
    throw failed(path, "names other gates that did not run than are here");
  if (!isDeepStrictEqual(said.notJudged, findNotJudged(Object.keys(verdicts))))
    throw failed(path, "names other gates that were not judged than are missing here");
  const waived = gates.filter(({ result }) => result.verdict === "waived").flatMap(({ result }) => result.findings);
  const isHidden = waived.some(
    ({ waiver }) => waiver !== undefined && !said.waivers.some((named) => isDeepStrictEqual(named, waiver)),
  );
  if (isHidden) throw failed(path, "does not name every waiver that was needed");
}
