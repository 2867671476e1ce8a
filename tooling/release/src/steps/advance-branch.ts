import type { SealedRelease } from "@hxp/evidence/release";
import type { JournalRecord } from "../journal/journal.ts";
import { type JournaledRelease, readReleases } from "../journal/journaled-releases.ts";
import type { ReleaseContext } from "../release-context.ts";

/**
 * Ends a release and lets the branch follow to the release commit. Whoever is killed before the end is written finds the
 * source checked out and goes on from it; after it, {@link finishAdvance} moves the branch.
 *
 * A branch that cannot follow is a warning with the command to type.
 *
 * @param end writes to the journal that the release has ended
 */
export async function advanceBranch(context: ReleaseContext, sealed: SealedRelease, end: () => void): Promise<void> {
  const { releaseCommit, source } = sealed.plan;
  // The branch moves only where nothing of anybody's can be lost: it is checked out, clean, and at the source.
  if (releaseCommit === source.commit || (await readHead(context)) !== source.commit) return end();
  await moveBranch(context, { release: sealed.id, target: releaseCommit, before: end });
}

/** Lets the branch follow a release that was killed between its end and that, if the branch is still at its source. */
export async function finishAdvance(context: ReleaseContext): Promise<"moved" | "nothing to do"> {
  const waiting = findWaiting(context.journal.records);
  if (waiting.length === 0) return "nothing to do";
  const head = await readHead(context);
  const own = waiting.find(({ source }) => source === head);
  if (own === undefined) return "nothing to do";
  await moveBranch(context, { release: own.id, target: own.releaseCommit });
  return "moved";
}

/** Releases whose branch was about to follow. */
function findWaiting(records: readonly JournalRecord[]): JournaledRelease[] {
  const advances = records.filter(({ kind }) => kind === "advance");
  const inPhase = (phase: JournalRecord["phase"]): Set<string> =>
    new Set(advances.filter((record) => record.phase === phase).map(({ release }) => release));
  const [begun, ended] = [inPhase("before"), inPhase("after")];
  return readReleases(records).filter(({ id, state }) => state === "released" && begun.has(id) && !ended.has(id));
}

/**
 * The release is over by now: a branch that cannot follow, as with a file that somebody is editing, is left to its owner,
 * and the release does not fail by it.
 */
async function moveBranch(
  { journal, repository, progress }: ReleaseContext,
  { release, target, before = () => {} }: { release: string; target: string; before?: () => void },
): Promise<void> {
  const command = ["merge", "--ff-only", "--quiet", target];
  await journal.effect({ release, kind: "advance", target }, async () => {
    before();
    try {
      await repository.git(command);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      progress.warn(`The branch did not follow to the release commit; when you can: git ${command.join(" ")}\n${why}`);
    }
  });
}

function readHead({ repository }: ReleaseContext): Promise<string> {
  return repository.git(["rev-parse", "HEAD"]);
}
