import { existsSync } from "node:fs";
import { join } from "node:path";
import { releaseRecordPredicate } from "../statement/release-record.ts";
import type { Statement, Subject } from "../statement/statement.ts";
import type { Trust } from "../trust/trust.ts";
import { verifyConsistency } from "../verify/verify-consistency.ts";
import { type VerifiedStatement, verifyStatement } from "../verify/verify-statement.ts";
import { readConsistency, sizeOf } from "./consistency-file.ts";
import { evidenceFiles, type SealedRelease } from "./evidence-folder.ts";
import { readEvidenceSubjects } from "./evidence-subjects.ts";
import type { LogFacts } from "./release-facts.ts";
import { failed, readBundle, readKept, type VerifyOptions } from "./verification.ts";

/** How a release ended, as a signed record says it. */
export interface VerifiedRecord {
  file: string;
  outcome: string;
  reason: string | null;
  recordedAt: string;
  /** The log at the end of the release before; null: there was none; undefined: the record does not say. */
  previousCheckpoint: string | null | undefined;
  verified: VerifiedStatement;
}

/** Verifies the records of how a release ended; the last of them vouches for every file, so that none is other, missing or more. */
export function verifyRecords(sealed: SealedRelease, options: VerifyOptions): VerifiedRecord[] {
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
  return verified.map((record, index) => toRecord(sealed, files[index] ?? "", record));
}

function toRecord({ folder, id }: SealedRelease, file: string, verified: VerifiedStatement): VerifiedRecord {
  const { predicate } = releaseRecordPredicate.parse(verified.statement);
  if (predicate.release !== id) throw failed(join(folder, file), "is the record of another release");
  const { outcome, recordedAt, previousCheckpoint } = predicate;
  const reason = predicate.outcome === "promoted" ? null : predicate.reason;
  return { file, outcome, reason, recordedAt, previousCheckpoint, verified };
}

/**
 * Verifies the log's checkpoint, and the proof that it only grew since the release before, where there was one: the record
 * says whether, so that the proof cannot be taken away.
 */
export function verifyLog(
  { folder }: SealedRelease,
  { records, trust }: { records: readonly VerifiedRecord[]; trust: Trust },
): Pick<LogFacts, "origin" | "entries" | "grownFrom"> & { says: string } {
  const checkpoint = readKept(join(folder, evidenceFiles.checkpoint));
  const path = join(folder, evidenceFiles.consistency);
  const previous = records.at(-1)?.previousCheckpoint;
  if (!existsSync(path)) {
    if (typeof previous === "string") throw failed(path, "is missing, and the record names a release before");
    const size = sizeOf(checkpoint);
    const proof = { fromSize: size, toSize: size, hashes: [] };
    const { to } = verifyConsistency({ from: checkpoint, to: checkpoint, proof }, trust);
    return { origin: to.origin, entries: size, grownFrom: null, says: `signed, with ${size} entries` };
  }
  const claim = readConsistency(path);
  if (claim.to !== checkpoint) throw failed(path, "does not lead to the checkpoint beside it");
  if (previous !== undefined && claim.from !== previous)
    throw failed(path, "does not begin where the record says that the release before ended");
  const { from, to } = verifyConsistency(claim, trust);
  const says = `only grew, from ${from.size} to ${to.size} entries`;
  return { origin: to.origin, entries: to.size, grownFrom: from.size, says };
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
