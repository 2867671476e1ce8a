import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { releasePlanPredicate, type Statement, type Subject, type ReleasePlan } from "@hxp/evidence";
import { syncFolder, writeFileDurably } from "@hxp/evidence/durable";
import { recordSeal } from "../journal/journaled-releases.ts";
import { type PlannedPackage, planDigest, serialisePlan } from "../plan/release-plan.ts";
import type { ReleaseContext } from "../release-context.ts";
import { verifySealedRelease } from "./load-sealed-release.ts";
import { evidenceFiles, type SealedRelease } from "./sealed-release.ts";
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

/** The subject that names a package's tarball: its package URL and SHA-512. */
export function tarballSubject({ name, version, tarball }: PlannedPackage): Required<Subject> {
  const sha512 = Buffer.from(tarball.integrity.slice("sha512-".length), "base64").toString("hex");
  return { name: packageUrl(name, version), digest: { sha512 } };
}

/** Package URL of an npm package version. */
export function packageUrl(name: string, version: string): string {
  return `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;
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
