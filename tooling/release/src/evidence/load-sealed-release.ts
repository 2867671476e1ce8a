import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { HxpError } from "@hxp/errors";
import { evidenceFiles, readSealedRelease, type SealedRelease, verifySealedRelease } from "@hxp/evidence/release";
import type { JournaledRelease } from "../journal/journaled-releases.ts";
import type { ReleaseContext } from "../release-context.ts";
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

function tampered(path: string, what: string): HxpError {
  return new HxpError("PLAN_TAMPERED", `${path} ${what}`);
}
