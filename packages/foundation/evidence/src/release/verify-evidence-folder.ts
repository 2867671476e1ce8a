import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { digestBytes, serializeStatement } from "../statement/statement.ts";
import { testResultPredicate } from "../statement/test-result.ts";
import { verificationSummaryPredicate } from "../statement/verification-summary.ts";
import { type VerifiedStatement, verifyStatement } from "../verify/verify-statement.ts";
import { evidenceFiles, listVerdictFiles, packageFolder, type SealedRelease, tarballPath } from "./evidence-folder.ts";
import { packageUrl, type PlannedPackage, tarballSubject } from "./plan-file.ts";
import { readSealedRelease, verifySealedRelease } from "./sealed-release.ts";
import { describe, failed, readBundle, type Verification, type VerifyOptions } from "./verification.ts";
import { verifyLog, verifyRecords } from "./verify-records.ts";

const summarySchema = z.looseObject({ gates: z.record(z.string(), z.string()).default({}) });

const gateResultSchema = z.looseObject({ gate: z.string(), verdict: z.string() });

/** What an evidence folder proves. */
export interface FolderVerification {
  id: string;
  commit: string;
  channel: string;
  verified: Verification[];
}

/**
 * Verifies an evidence folder with no network: the plan and its signature, every tarball, the record of how the release
 * ended, which names every other file by its digest, every statement about each package, each gate's result, and the log.
 * The first thing that is not so throws.
 */
export function verifyEvidenceFolder(folder: string, options: VerifyOptions): FolderVerification {
  const sealed = readSealedRelease(folder);
  verifySealedRelease(sealed, options);
  const { plan, id } = sealed;
  const records = verifyRecords(sealed, options);
  const gates = verifyGates(sealed, options);
  return {
    id,
    commit: plan.source.commit,
    channel: plan.channel,
    verified: [
      {
        what: evidenceFiles.plan,
        says: `signed; names ${plan.packages.length} tarballs, which have the digests it names`,
      },
      ...plan.packages.flatMap((planned) => verifyPackageFolder(sealed, planned, { ...options, gates })),
      ...gates.map(({ name, result, verified }) => describe(`gate ${name}`, result, verified)),
      verifySmoke(sealed, options),
      ...records,
      verifyLog(folder, options.trust),
    ],
  };
}

interface VerifiedGate {
  name: string;
  /** As in the file that was signed. */
  verdict: unknown;
  result: string;
  verified: VerifiedStatement;
}

function verifyPackageFolder(
  sealed: SealedRelease,
  planned: PlannedPackage,
  { gates, ...options }: VerifyOptions & { gates: readonly VerifiedGate[] },
): Verification[] {
  const folder = packageFolder(sealed, planned);
  const subjects = [
    { name: packageUrl(planned.name, planned.version), bytes: readFileSync(tarballPath(sealed, planned)) },
  ];
  const read = (file: string, predicateType: string): VerifiedStatement =>
    verifyStatement(readBundle(join(folder, file)), { ...options, predicateType, subjects });
  const provenance = read("provenance.sigstore.json", "https://slsa.dev/provenance/v1");
  const sbom = read("sbom.sigstore.json", "https://cyclonedx.org/bom");
  const summary = read("verification-summary.sigstore.json", verificationSummaryPredicate.type);
  const { verificationResult, verifiedLevels } = verificationSummaryPredicate.parse(summary.statement).predicate;
  const inputs = [provenance, sbom, ...gates.map(({ verified }) => verified)];
  assertSummary(join(folder, "verification-summary.sigstore.json"), { summary, inputs, gates });
  const plain: unknown = JSON.parse(readFileSync(join(folder, "sbom.cdx.json"), "utf8"));
  if (!isDeepStrictEqual(plain, sbom.statement.predicate)) {
    throw failed(join(folder, "sbom.cdx.json"), "is not the SBOM that was signed");
  }
  const what = `${planned.name}@${planned.version}`;
  return [
    describe(what, "provenance about these bytes", provenance),
    describe(what, "SBOM about these bytes", sbom),
    describe(what, `verification summary: ${verificationResult}, ${verifiedLevels.join(", ")}`, summary),
  ];
}

/** A summary says PASSED of all gates whose results are here, and of the statements that are here, and of no others. */
function assertSummary(
  path: string,
  parts: { summary: VerifiedStatement; inputs: readonly VerifiedStatement[]; gates: readonly VerifiedGate[] },
): void {
  const { predicate } = verificationSummaryPredicate.parse(parts.summary.statement);
  if (predicate.verificationResult !== "PASSED") throw failed(path, "does not say PASSED");
  const { gates } = summarySchema.parse(predicate);
  const verdicts = Object.fromEntries(parts.gates.map(({ name, verdict }) => [name, verdict]));
  if (!isDeepStrictEqual(gates, verdicts)) throw failed(path, "names other gates or verdicts than are here");
  const present = new Set(parts.inputs.map(({ statement }) => digestBytes(serializeStatement(statement)).sha256));
  const named = new Set((predicate.inputAttestations ?? []).map(({ digest }) => digest?.["sha256"]));
  if (!isDeepStrictEqual(named, new Set<string | undefined>(present)))
    throw failed(path, "rests on other statements than are here");
}

function verifySmoke(sealed: SealedRelease, options: VerifyOptions): Verification {
  const path = join(sealed.folder, evidenceFiles.smoke, "smoke.sigstore.json");
  const subjects = sealed.plan.packages.map((planned) => tarballSubject(planned));
  const verified = verifyStatement(readBundle(path), { ...options, predicateType: testResultPredicate.type, subjects });
  const { result, passedTests = [] } = testResultPredicate.parse(verified.statement).predicate;
  if (result !== "PASSED") throw failed(path, `says ${result}`);
  return describe("smoke test", `${result}: ${passedTests.join(", ")}`, verified);
}

function verifyGates(sealed: SealedRelease, options: VerifyOptions): VerifiedGate[] {
  const files = listVerdictFiles(sealed);
  if (files.length === 0) throw failed(join(sealed.folder, evidenceFiles.gates), "holds no gate result");
  const subjects = sealed.plan.packages.map((planned) => tarballSubject(planned));
  return files.map((path) => {
    const bundle = readBundle(path.replace(/\.json$/, ".sigstore.json"));
    const verified = verifyStatement(bundle, { ...options, predicateType: testResultPredicate.type, subjects });
    const { configuration, result } = testResultPredicate.parse(verified.statement).predicate;
    const { sha256 } = digestBytes(readFileSync(path));
    if (!configuration.some(({ name, digest }) => name === basename(path) && digest?.["sha256"] === sha256)) {
      throw failed(path, "is not the result that was signed");
    }
    if (result !== "PASSED" && result !== "WARNED") throw failed(path, `says ${result}`);
    const { gate, verdict } = gateResultSchema.parse(JSON.parse(readFileSync(path, "utf8")));
    if (gate !== basename(path, ".json")) throw failed(path, `is the result of ${gate}`);
    return { name: gate, verdict, result, verified };
  });
}
