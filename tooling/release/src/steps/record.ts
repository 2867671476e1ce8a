import { join } from "node:path";
import type { SealedRelease } from "@hxp/evidence/release";
import { gateScratch } from "../judge/create-gate-input.ts";
import type { JournalRecord } from "../journal/journal.ts";
import { type JournaledRelease, recordEnding } from "../journal/journaled-releases.ts";
import { writeEvidence } from "../evidence/write-evidence.ts";
import { writePages } from "../evidence/write-pages.ts";
import type { OpenRegistry } from "../registry/open-registry.ts";
import type { ReleaseContext } from "../release-context.ts";
import type { Source } from "../workspace/git.ts";
import { discardFolder } from "../workspace/discard-folder.ts";
import { advanceBranch } from "./advance-branch.ts";
import { defineStep } from "./step.ts";

/** Writes down what happened: git tags from the journal, release notes, a signed record, the evidence folder, and its pages. */
export const record = defineStep({
  name: "record",
  title: "Record",
  needs: ["sealed", "registry", "signing", "source", "key"],
  gives: [],
  run: async (context, { sealed, registry, signing, source, key }, report) => {
    report("git tags");
    await tagPackages(context, { sealed, registry });
    report("evidence");
    await writeEvidence(context, { sealed, signing, outcome: "promoted" });
    report("report");
    await writePages(context, sealed);
    const end = (): void => recordEnding(context.journal, sealed.id, { kind: "released" });
    if (mayAdvance(context, { sealed, registry, source })) await advanceBranch(context, sealed, end);
    else end();
    const trash = join(context.paths.work, "trash");
    for (const folder of [join(context.paths.work, key.slice(0, 16)), gateScratch(context, sealed)])
      discardFolder(folder, trash);
    return {};
  },
  undo: async (context, { release }) => {
    const isTag = (entry: JournalRecord): boolean => entry.release === release.id && entry.kind === "git-tag";
    for (const tag of new Set(context.journal.records.filter(isTag).map(({ target }) => target)))
      await removeTag(context, { release, tag });
  },
});

async function tagPackages(
  context: ReleaseContext,
  { sealed, registry }: { sealed: SealedRelease; registry: OpenRegistry },
): Promise<void> {
  const { git } = context.repository;
  for (const { name, version } of sealed.plan.packages) {
    const tag = `${registry.settings.tagPrefix}${name}@${version}`;
    const existing = await git(["rev-parse", "--verify", "--quiet", `refs/tags/${tag}^{commit}`]).catch(
      () => undefined,
    );
    if (existing === sealed.plan.releaseCommit) continue;
    // Rehearsals may be begun anew; a tag of a real release never moves.
    if (existing !== undefined && !registry.isLocal) {
      context.progress.warn(`git tag ${tag} is at ${existing.slice(0, 12)}, not at this release; it was left alone`);
      continue;
    }
    const data = { commit: sealed.plan.releaseCommit };
    await context.journal.effect({ release: sealed.id, kind: "git-tag", target: tag, data }, () =>
      git(["update-ref", `refs/tags/${tag}`, sealed.plan.releaseCommit]),
    );
  }
}

/** Only where it still is where this release put it. */
async function removeTag(
  { journal, repository }: ReleaseContext,
  { release, tag }: { release: JournaledRelease; tag: string },
): Promise<void> {
  const reference = `refs/tags/${tag}`;
  const found = await repository.git(["for-each-ref", "--format=%(objectname)", reference]);
  if (found !== release.releaseCommit) return;
  await journal.effect({ release: release.id, kind: "remove-git-tag", target: tag }, () =>
    repository.git(["update-ref", "-d", reference, release.releaseCommit]),
  );
}

/** A snapshot consumes no changeset, and what is not committed must not get into the branch. */
function mayAdvance(
  { config }: ReleaseContext,
  { sealed, registry, source }: { sealed: SealedRelease; registry: OpenRegistry; source: Source },
): boolean {
  const { channel } = sealed.plan;
  const isSnapshot = Object.hasOwn(config.channels, channel) && config.channels[channel]?.snapshot === true;
  return registry.settings.advance === "fast-forward" && !isSnapshot && source.dirty.length === 0;
}
