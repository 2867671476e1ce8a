import { HxpError } from "@hxp/errors";
import { openSigning } from "../evidence/signing.ts";
import { type JournaledRelease, hasEffects, readReleases } from "../journal/journaled-releases.ts";
import { openRegistry, type OpenRegistry } from "../registry/open-registry.ts";
import type { ReleaseContext } from "../release-context.ts";
import { abandonRelease } from "../steps/abandon-release.ts";
import { takeBackRelease } from "../steps/take-back-release.ts";

/** What a rollback did. */
export interface RollBackOutcome {
  outcome: "rolled-back" | "abandoned";
  /** An earlier run had done it; this one changed nothing. */
  repeated: boolean;
  id: string;
  /** `name@version` with the version that the channel points to now; null where it points to none. */
  packages: { name: string; version: string; channel: string; now: string | null }[];
  /** `name:tag` of tags that the registry does not let anyone remove. */
  kept: readonly string[];
  durationMs: number;
}

/**
 * `pnpm release rollback [id]`: moves the channel's tags back to where the journal recorded them, deprecates the
 * versions with the reason and signs a record of it. A release that did not end is given up. The same command
 * again goes on after a kill, and changes nothing after success: without an id it never reaches the release before.
 *
 * @param id beginning of a release's id; default: the last release that changed the registry. A plan that waits to be
 *   published is given up by its id alone.
 */
export async function rollBack(
  context: ReleaseContext,
  { id, reason }: { id?: string | undefined; reason: string },
): Promise<RollBackOutcome> {
  if (reason.trim() === "")
    throw new HxpError("USAGE_INVALID", "A rollback needs a reason: consumers of the versions see it");
  const started = context.clock();
  const registry = await openRegistry(context);
  const release = findRelease(context, { registry, id, reason });
  const packages = release.packages.map(({ name, version, expectedTag }) => ({
    name,
    version,
    channel: release.channel,
    now: expectedTag,
  }));
  const outcome = release.state === "open" || release.state === "abandoned" ? "abandoned" : "rolled-back";
  const repeated = release.state === "abandoned" || release.state === "rolled-back";
  const kept = repeated ? [] : await undo(context, { registry, release, reason });
  return { outcome, repeated, id: release.id, packages, kept, durationMs: context.clock() - started };
}

async function undo(
  context: ReleaseContext,
  { registry, release, reason }: { registry: OpenRegistry; release: JournaledRelease; reason: string },
): Promise<readonly string[]> {
  if (release.state === "open") {
    await abandonRelease(context, { registry, release, reason });
    return [];
  }
  return takeBackRelease(context, { registry, release, reason, signing: await openSigning(context) });
}

/** The release that is meant. One that an earlier run took back is that release still: the command may be given again. */
function findRelease(
  context: ReleaseContext,
  { registry, id, reason }: { registry: OpenRegistry; id: string | undefined; reason: string },
): JournaledRelease {
  const { records } = context.journal;
  const known = readReleases(records).filter(
    (release) =>
      release.registry.identity === registry.identity && (release.state !== "abandoned" || release.reason === reason),
  );
  const matching = known.filter((release) =>
    id === undefined ? hasEffects(records, release) : release.id.startsWith(id),
  );
  const release = matching.at(-1);
  if (release === undefined) {
    const waiting = known.filter(({ state }) => state === "open").map((plan) => plan.id.slice(0, 12));
    throw new HxpError(
      "RELEASE_UNKNOWN",
      `No release ${id === undefined ? "" : `${id} `}on ${registry.name} that could be rolled back`,
      waiting.length === 0 ? {} : { hint: `To give up a plan that waits, give its id: ${waiting.join(", ")}.` },
    );
  }
  if (id !== undefined && matching.length > 1) {
    throw new HxpError("USAGE_INVALID", `${id} is the beginning of ${matching.length} releases; give more of it`);
  }
  return release;
}
