import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { digestBytes } from "../statement/statement.ts";
import { testResultPredicate } from "../statement/test-result.ts";
import { type VerifiedStatement, verifyStatement } from "../verify/verify-statement.ts";
import { evidenceFiles, isRehearsal, listVerdictFiles, type SealedRelease } from "./evidence-folder.ts";
import { findGateProblem, type KeptGateResult, readGateResult, readGateResults } from "./gate-result.ts";
import { tarballSubject } from "./plan-file.ts";
import { findNotJudged } from "./required-gates.ts";
import { failed, readBundle, type VerifyOptions } from "./verification.ts";

/** A gate's result, and the signed statement about it. */
export interface VerifiedGate {
  result: KeptGateResult;
  /** As the statement says it: PASSED or WARNED. */
  said: string;
  verified: VerifiedStatement;
}

/**
 * Verifies each gate's result: that it is what was signed, about all tarballs, and one that a release can pass with. All of
 * the required gates must be there, but in a rehearsal.
 */
export function verifyGates(sealed: SealedRelease, options: VerifyOptions): VerifiedGate[] {
  const files = listVerdictFiles(sealed);
  if (files.length === 0) throw failed(join(sealed.folder, evidenceFiles.gates), "holds no gate result");
  requireAll(sealed, files);
  const subjects = sealed.plan.packages.map((planned) => tarballSubject(planned));
  return files.map((path) => {
    const bundle = readBundle(path.replace(/\.json$/, ".sigstore.json"));
    const verified = verifyStatement(bundle, { ...options, predicateType: testResultPredicate.type, subjects });
    const { configuration, result: said } = testResultPredicate.parse(verified.statement).predicate;
    const { sha256 } = digestBytes(readFileSync(path));
    if (!configuration.some(({ name, digest }) => name === basename(path) && digest?.["sha256"] === sha256)) {
      throw failed(path, "is not the result that was signed");
    }
    if (said === "FAILED") throw failed(path, `says ${said}`);
    const result = readGateResult(path);
    if (result.gate !== basename(path, ".json")) throw failed(path, `is the result of ${result.gate}`);
    requirePassable(path, result, sealed);
    return { result, said, verified };
  });
}

/** Reads the second opinion on licences, which the record of the release vouches for; none where none was asked. */
export function readSecondOpinion(sealed: SealedRelease): KeptGateResult[] {
  const path = join(sealed.folder, evidenceFiles.secondOpinion);
  if (!existsSync(path)) return [];
  const results = readGateResults(path);
  for (const result of results) requirePassable(path, result, sealed);
  return results;
}

/** Only a rehearsal may leave gates out. */
function requireAll(sealed: SealedRelease, files: readonly string[]): void {
  const notJudged = findNotJudged(files.map((path) => basename(path, ".json")));
  if (notJudged.length === 0 || isRehearsal(sealed.plan)) return;
  throw failed(
    join(sealed.folder, evidenceFiles.gates),
    `lacks gates that only a rehearsal may leave out: ${notJudged.join(", ")}`,
  );
}

function requirePassable(path: string, result: KeptGateResult, sealed: SealedRelease): void {
  const problem = findGateProblem(result, isRehearsal(sealed.plan));
  if (problem !== undefined) throw failed(path, problem);
}
