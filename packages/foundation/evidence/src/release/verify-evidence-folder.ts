import { join } from "node:path";
import { testResultPredicate } from "../statement/test-result.ts";
import { type VerifiedStatement, verifyStatement } from "../verify/verify-statement.ts";
import { evidenceFiles, type SealedRelease } from "./evidence-folder.ts";
import { gatherFacts } from "./gather-facts.ts";
import { tarballSubject } from "./plan-file.ts";
import type { ReleaseFacts } from "./release-facts.ts";
import { readSealedRelease, verifySealedRelease } from "./sealed-release.ts";
import { describe, failed, readBundle, type Verification, type VerifyOptions } from "./verification.ts";
import { readSecondOpinion, verifyGates } from "./verify-gates.ts";
import { type PackageStatements, verifyPackageStatements } from "./verify-package-statements.ts";
import { verifyLog, verifyRecords } from "./verify-records.ts";

/** What an evidence folder proves. */
export interface FolderVerification {
  id: string;
  commit: string;
  channel: string;
  verified: Verification[];
  facts: ReleaseFacts;
}

/**
 * Verifies an evidence folder with no network: the plan and its signature, every tarball, the record of how the release
 * ended, which names every other file by its digest, every statement about each package, each gate's result, and the log.
 * The first thing that is not so throws.
 */
export function verifyEvidenceFolder(folder: string, options: VerifyOptions): FolderVerification {
  const sealed = readSealedRelease(folder);
  const planned = verifySealedRelease(sealed, options);
  const { plan, id } = sealed;
  const records = verifyRecords(sealed, options);
  const gates = verifyGates(sealed, options);
  const secondOpinion = readSecondOpinion(sealed);
  const packages = plan.packages.map((entry) => verifyPackageStatements(sealed, entry, { ...options, gates }));
  const smoke = verifySmoke(sealed, options);
  const log = verifyLog(sealed, { records, trust: options.trust });
  return {
    id,
    commit: plan.source.commit,
    channel: plan.channel,
    verified: [
      {
        what: evidenceFiles.plan,
        says: `signed; names ${plan.packages.length} tarballs, which have the digests it names`,
      },
      ...packages.flatMap((statements) => describePackage(statements)),
      ...gates.map(({ result, said, verified }) => describe(`gate ${result.gate}`, said, verified)),
      describe("smoke test", `PASSED: ${smoke.cells.join(", ")}`, smoke.verified),
      ...records.map(({ file, outcome, verified }) => describe(file, `the release was ${outcome}`, verified)),
      { what: "log", says: log.says },
    ],
    facts: gatherFacts({ sealed, planned, records, gates, secondOpinion, packages, smoke, log }, options),
  };
}

function describePackage({ planned, provenance, sbom, summary, levels }: PackageStatements): Verification[] {
  const what = `${planned.name}@${planned.version}`;
  return [
    describe(what, "provenance about these bytes", provenance),
    describe(what, "SBOM about these bytes", sbom),
    describe(what, `verification summary: PASSED, ${levels.join(", ")}`, summary),
  ];
}

function verifySmoke(
  sealed: SealedRelease,
  options: VerifyOptions,
): { cells: readonly string[]; verified: VerifiedStatement } {
  const path = join(sealed.folder, evidenceFiles.smoke, "smoke.sigstore.json");
  const subjects = sealed.plan.packages.map((planned) => tarballSubject(planned));
  const verified = verifyStatement(readBundle(path), { ...options, predicateType: testResultPredicate.type, subjects });
  const { result, passedTests = [] } = testResultPredicate.parse(verified.statement).predicate;
  if (result !== "PASSED") throw failed(path, `says ${result}`);
  return { cells: passedTests, verified };
}
