import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { HxpError } from "@hxp/errors";
import { releasePlanPredicate, verifyStatement } from "@hxp/evidence";
import { digestFile } from "../build/pack-packages.ts";
import type { JournaledRelease } from "../journal/journaled-releases.ts";
import { planDigest, serialisePlan } from "../plan/release-plan.ts";
import type { ReleaseContext } from "../release-context.ts";
import { evidenceFiles, type SealedRelease, tarballPath } from "./sealed-release.ts";
import type { Signing } from "./signing.ts";

/** Reads a sealed release back from its evidence folder and checks it against the journal, the trust root and the log. */
export async function loadSealedRelease(
  context: ReleaseContext,
  { release, signing }: { release: JournaledRelease; signing: Pick<Signing, "trust" | "identity"> },
): Promise<SealedRelease> {
  const folder = join(context.paths.releases, release.id);
  const sealed = readSealedRelease(folder);
  if (sealed.id !== release.planDigest)
    throw tampered(join(folder, evidenceFiles.plan), "is not the plan that the journal names");
  verifySealedRelease(sealed, signing);
  assertJournaled(sealed, { release, journal: context.paths.journal });
  return sealed;
}

/** Undoing a release goes by the journal alone, so it must say what the signed plan says; no later line vouches for its last. */
function assertJournaled(
  { plan }: SealedRelease,
  { release, journal }: { release: JournaledRelease; journal: string },
): void {
  const { registry, channel, stagingTag, releaseCommit } = plan;
  const packages = plan.packages.map(({ name, version, expectedTag, onRegistry, tarball }) => {
    return { name, version, integrity: tarball.integrity, expectedTag, onRegistry };
  });
  const planned = { registry, channel, stagingTag, releaseCommit, source: plan.source.commit, packages };
  const journaled = {
    registry: release.registry,
    channel: release.channel,
    stagingTag: release.stagingTag,
    releaseCommit: release.releaseCommit,
    source: release.source,
    packages: release.packages.map(({ name, version, integrity, expectedTag, onRegistry }) => {
      return { name, version, integrity, expectedTag, onRegistry };
    }),
  };
  if (isDeepStrictEqual(planned, journaled)) return;
  throw new HxpError("JOURNAL_CORRUPT", `${journal} says something else of ${release.id} than its signed plan`);
}

/** Reads the plan of an evidence folder without checking signatures. */
export function readSealedRelease(folder: string): SealedRelease {
  const path = join(folder, evidenceFiles.plan);
  if (!existsSync(path)) throw new HxpError("PLAN_MISSING", `There is no plan at ${path}`);
  const serialised = readFileSync(path, "utf8");
  const parsed = releasePlanPredicate.schema.safeParse(parseJson(serialised, path));
  if (!parsed.success || serialisePlan(parsed.data) !== serialised)
    throw tampered(path, "is not a plan as it was written");
  return { id: planDigest(serialised), plan: parsed.data, folder };
}

/**
 * Checks that a plan is what was signed, by whom it must be, in the log; and that each tarball has the digest that the
 * plan names. Done after sealing, and again before the first upload.
 */
export function verifySealedRelease(
  sealed: SealedRelease,
  { trust, identity }: Pick<Signing, "trust" | "identity">,
): void {
  const bundlePath = join(sealed.folder, evidenceFiles.planBundle);
  if (!existsSync(bundlePath)) throw tampered(bundlePath, "is missing");
  const bundle = readFileSync(bundlePath, "utf8");
  const planBytes = readFileSync(join(sealed.folder, evidenceFiles.plan));
  const { statement } = verifyStatement(bundle, {
    trust,
    identity,
    predicateType: releasePlanPredicate.type,
    subjects: [{ name: evidenceFiles.plan, bytes: planBytes }],
  });
  const signed = releasePlanPredicate.schema.safeParse(statement.predicate);
  if (!signed.success || serialisePlan(signed.data) !== planBytes.toString("utf8")) {
    throw tampered(join(sealed.folder, evidenceFiles.plan), "says something else than its signed statement");
  }
  for (const planned of sealed.plan.packages) {
    const path = tarballPath(sealed, planned);
    if (!existsSync(path)) throw tampered(path, "is missing");
    const { integrity } = digestFile(path);
    if (integrity !== planned.tarball.integrity) {
      throw tampered(path, `has the digest ${integrity}, the signed plan names ${planned.tarball.integrity}`);
    }
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw tampered(path, "is not JSON");
  }
}

function tampered(path: string, what: string): HxpError {
  return new HxpError("PLAN_TAMPERED", `${path} ${what}`);
}
