import { rollBackRelease } from "@hxp/release-registry";
import { loadSealedRelease } from "../evidence/load-sealed-release.ts";
import type { Signing } from "../evidence/signing.ts";
import { writeEvidence } from "../evidence/write-evidence.ts";
import { writePages } from "../evidence/write-pages.ts";
import { type JournaledRelease, recordEnding } from "../journal/journaled-releases.ts";
import type { OpenRegistry } from "../registry/open-registry.ts";
import type { ReleaseContext } from "../release-context.ts";
import { recordIn } from "./stage.ts";

/** What {@link takeBackRelease} takes. */
export interface TakeBackOptions {
  registry: OpenRegistry;
  signing: Signing;
  /** One that has ended. */
  release: JournaledRelease;
  reason: string;
}

/**
 * Takes a release back: tags to where the journal recorded them, versions deprecated with the reason, and a signed
 * record of it. From its first record on, whatever command runs next ends it; see {@link JournaledRelease}.
 *
 * @returns `name:tag` of tags that the registry does not let anyone remove
 */
export async function takeBackRelease(
  context: ReleaseContext,
  { registry, signing, release, reason }: TakeBackOptions,
): Promise<readonly string[]> {
  const { journal, progress } = context;
  // What is signed at the end must be what was released: a plan that somebody changed is found before the first effect.
  const sealed = await loadSealedRelease(context, { release, signing });
  const entry = { release: release.id, kind: "rollback", target: release.id, data: { reason } };
  return journal.effect(entry, async () => {
    const { kept } = await progress.step(`Roll back ${release.id.slice(0, 12)}`, (report) =>
      rollBackRelease({
        client: registry.client,
        packages: release.packages,
        previousTags: Object.fromEntries(
          release.packages.map(({ name, expectedTag }) => [name, { [release.channel]: expectedTag ?? undefined }]),
        ),
        reason,
        record: recordIn(journal, release.id),
        onProgress: ({ step, done, total }) => report(`${step} ${done} of ${total}`),
      }),
    );
    await progress.step("Sign the record", async () => {
      await writeEvidence(context, { sealed, signing, outcome: "rolled-back", reason, kept });
      await writePages(context, sealed);
    });
    recordEnding(journal, release.id, { kind: "rolled-back", reason, kept });
    return kept;
  });
}
