import { existsSync } from "node:fs";
import { join } from "node:path";
import { releaseRecordPredicate } from "../statement/release-record.ts";
import type { Statement, Subject } from "../statement/statement.ts";
import type { Trust } from "../trust/trust.ts";
import { verifyConsistency } from "../verify/verify-consistency.ts";
import { verifyStatement } from "../verify/verify-statement.ts";
import { readConsistency, sizeOf } from "./consistency-file.ts";
import { evidenceFiles, type SealedRelease } from "./evidence-folder.ts";
import { readEvidenceSubjects } from "./evidence-subjects.ts";
import { describe, failed, readBundle, type Verification, type VerifyOptions } from "./verification.ts";

/** Verifies the records of how a release ended; the last of them vouches for every file, so that none is other, missing or more. */
export function verifyRecords(sealed: SealedRelease, options: VerifyOptions): Verification[] {
  const { folder, id } = sealed;
  const files = [evidenceFiles.record, evidenceFiles.rollback].filter((file) => existsSync(join(folder, file)));
  const subjects = [{ name: evidenceFiles.plan, digest: { sha256: id } }];
  const predicateType = releaseRecordPredicate.type;
  const verified = files.map((file) =>
    verifyStatement(readBundle(join(folder, file)), { ...options, predicateType, subjects }),
  );
  const [last, file] = [verified.at(-1), files.at(-1)];
  if (last === undefined || file === undefined) throw failed(join(folder, evidenceFiles.record), "is missing");
  requireVouched(folder, { file, statement: last.statement });
  return verified.map((record, index) => {
    const { outcome } = releaseRecordPredicate.parse(record.statement).predicate;
    return describe(files[index] ?? "", `the release was ${outcome}`, record);
  });
}

/** Verifies the log's checkpoint, and the proof that it only grew since the release before, where there was one. */
export function verifyLog(folder: string, trust: Trust): Verification {
  const checkpoint = readBundle(join(folder, evidenceFiles.checkpoint));
  const path = join(folder, evidenceFiles.consistency);
  if (!existsSync(path)) {
    const size = sizeOf(checkpoint);
    verifyConsistency({ from: checkpoint, to: checkpoint, proof: { fromSize: size, toSize: size, hashes: [] } }, trust);
    return { what: "log", says: `signed, with ${size} entries` };
  }
  const claim = readConsistency(path);
  if (claim.to !== checkpoint) throw failed(path, "does not lead to the checkpoint beside it");
  const { from, to } = verifyConsistency(claim, trust);
  return { what: "log", says: `only grew, from ${from.size} to ${to.size} entries` };
}

function requireVouched(folder: string, { file, statement }: { file: string; statement: Statement }): void {
  const vouched = new Map(statement.subject.map(({ name = "", digest }) => [name, digest["sha256"]]));
  const present = readEvidenceSubjects(folder, file);
  for (const { name = "", digest } of present) {
    if (!vouched.has(name)) throw failed(join(folder, name), `is not in ${file}`);
    if (vouched.get(name) !== digest["sha256"]) throw failed(join(folder, name), `is not what ${file} vouches for`);
  }
  const missing = [...vouched.keys()].find((name) => !name.startsWith("pkg:") && !isPresent(present, name));
  if (missing !== undefined) throw failed(join(folder, missing), `is missing, and ${file} vouches for it`);
}

function isPresent(present: readonly Subject[], wanted: string): boolean {
  return present.some(({ name }) => name === wanted);
}
