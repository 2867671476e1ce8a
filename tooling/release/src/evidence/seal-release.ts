import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { releasePlanPredicate, type Statement, type ReleasePlan } from "@hxp/evidence";
import { syncFolder, writeFileDurably } from "@hxp/evidence/durable";
import {
  evidenceFiles,
  planDigest,
  type PlannedPackage,
  type SealedRelease,
  serialisePlan,
  tarballSubject,
  verifySealedRelease,
} from "@hxp/evidence/release";
import { recordSeal } from "../journal/journaled-releases.ts";
import type { ReleaseContext } from "../release-context.ts";
import type { Signing } from "./signing.ts";

/** What {@link sealRelease} takes. */
export interface SealOptions {
  plan: ReleasePlan;
  /** Folder with the tarballs that the plan names. */
  tarballs: string;
  key: string;
  /** Git trees of the package folders in the source and in the release commit. */
  trees: { source: Record<string, string>; release: Record<string, string> };
  signing: Signing;
}

/** Writes plan and tarballs to the evidence folder, signs the plan, checks all of it, and writes it to the journal. */
export async function sealRelease(context: ReleaseContext, options: SealOptions): Promise<SealedRelease> {
  const { plan, signing } = options;
  const serialised = serialisePlan(plan);
  const id = planDigest(serialised);
  const folder = join(context.paths.releases, id);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(options.tarballs, join(folder, evidenceFiles.tarballs), { recursive: true });
  syncFolder(join(folder, evidenceFiles.tarballs));
  writeFileDurably(join(folder, evidenceFiles.plan), serialised);
  const bundle = await signing.sign(createPlanStatement(plan, id));
  writeFileDurably(join(folder, evidenceFiles.planBundle), `${JSON.stringify(bundle)}\n`);
  const sealed = { id, plan, folder };
  verifySealedRelease(sealed, signing);
  recordSeal(context.journal, id, {
    planDigest: id,
    sourceKey: options.key,
    registry: plan.registry,
    channel: plan.channel,
    stagingTag: plan.stagingTag,
    source: plan.source.commit,
    releaseCommit: plan.releaseCommit,
    packages: plan.packages.map((entry) => toSealedPackage(entry, options.trees)),
  });
  return sealed;
}

function createPlanStatement(plan: ReleasePlan, id: string): Statement {
  return releasePlanPredicate.create(
    [{ name: evidenceFiles.plan, digest: { sha256: id } }, ...plan.packages.map((entry) => tarballSubject(entry))],
    plan,
  );
}

function toSealedPackage(entry: PlannedPackage, trees: SealOptions["trees"]) {
  const { name, version, expectedTag, onRegistry, folder, tarball } = entry;
  const known = [trees.source[folder], trees.release[folder]].filter((tree) => tree !== undefined);
  return { name, version, integrity: tarball.integrity, expectedTag, onRegistry, trees: [...new Set(known)] };
}
