import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { readTrust, releaseRecordPredicate, writeTrust } from "@hxp/evidence";
import { writeFileDurably } from "@hxp/evidence/durable";
import {
  evidenceFiles,
  readEvidenceSubjects,
  renderConsistency,
  type SealedRelease,
  sizeOf,
  tarballSubject,
} from "@hxp/evidence/release";
import type { ReleaseContext } from "../release-context.ts";
import { removeUnfinishedFiles } from "../workspace/remove-unfinished-files.ts";
import { readLastCheckpoint } from "./known-checkpoints.ts";
import { renderAuditorGuide } from "./render-auditor-guide.ts";
import { renderReleaseNotes } from "./render-release-notes.ts";
import type { Signing } from "./signing.ts";

/** The verifier in one file, which needs nothing but Node: a program, and no module to import. */
const verifier = join(
  dirname(createRequire(import.meta.url).resolve("@hxp/evidence/package.json")),
  "verifier/verify-release.mjs",
);

/** How a release ended, for its signed record. */
export interface Outcome {
  sealed: SealedRelease;
  signing: Signing;
  outcome: "promoted" | "rolled-back";
  /** Why it was rolled back. */
  reason?: string;
  /** `name:tag` of tags that a rollback could not take away: they stay on the version. */
  kept?: readonly string[];
}

/**
 * Completes an evidence folder: the journal's part, the trust root, release notes, verifier and guide for auditors, the signed record
 * of how the release ended, which vouches for every other file, and the log's checkpoint with the proof that it only grew
 * since the release before.
 */
export async function writeEvidence(context: ReleaseContext, ending: Outcome): Promise<void> {
  const { sealed, signing, outcome } = ending;
  const { folder } = sealed;
  const write = (file: string, text: string): void => writeFileDurably(join(folder, file), text);
  removeUnfinishedFiles(folder);
  const records = context.journal.records.filter((record) => record.release === sealed.id);
  write(evidenceFiles.journal, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  writeTrust(join(folder, evidenceFiles.trust), readTrust(context.paths.trust));
  write(evidenceFiles.notes, renderReleaseNotes(sealed.plan));
  write(evidenceFiles.verifier, readFileSync(verifier, "utf8"));
  write(evidenceFiles.guide, renderAuditorGuide(sealed));
  const file = outcome === "promoted" ? evidenceFiles.record : evidenceFiles.rollback;
  const before = readLastCheckpoint(context.paths.releases, { trust: signing.trust, except: sealed.id });
  write(file, `${JSON.stringify(await signing.sign(createRecord(context, { ...ending, file, before })))}\n`);
  const checkpoint = signing.log.checkpoint();
  write(evidenceFiles.checkpoint, checkpoint);
  if (before === undefined) return;
  const proof = signing.log.proveConsistency(sizeOf(before), sizeOf(checkpoint));
  write(evidenceFiles.consistency, renderConsistency({ from: before, to: checkpoint, proof }));
}

interface RecordParts extends Outcome {
  file: string;
  /** The log at the end of the release before. */
  before: string | undefined;
}

function createRecord(context: ReleaseContext, parts: RecordParts) {
  const { sealed, outcome, reason, kept = [], file, before } = parts;
  const { plan, id } = sealed;
  const describeTag = ({ name, version, expectedTag }: (typeof plan.packages)[number]) => {
    const tag = plan.channel;
    if (outcome === "promoted") return { tag, from: expectedTag, to: version };
    return { tag, from: version, to: kept.includes(`${name}:${tag}`) ? version : expectedTag };
  };
  const fields = {
    release: id,
    recordedAt: new Date(context.clock()).toISOString(),
    registry: plan.registry.identity,
    channel: plan.channel,
    previousCheckpoint: before ?? null,
    packages: plan.packages.map((planned) => ({
      name: planned.name,
      version: planned.version,
      digest: { sha512: tarballSubject(planned).digest["sha512"] ?? "" },
      tags: [describeTag(planned)],
    })),
  };
  const predicate =
    outcome === "promoted" ? { outcome, ...fields } : { outcome, reason: reason ?? "no reason given", ...fields };
  const subjects = [
    ...plan.packages.map((planned) => tarballSubject(planned)),
    ...readEvidenceSubjects(sealed.folder, file),
  ];
  return releaseRecordPredicate.create(subjects, predicate);
}
