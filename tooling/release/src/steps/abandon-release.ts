import type { JournaledRelease } from "../journal/journaled-releases.ts";
import { recordEnding } from "../journal/journaled-releases.ts";
import type { OpenRegistry } from "../registry/open-registry.ts";
import type { ReleaseContext } from "../release-context.ts";
import { promote } from "./promote.ts";
import { record } from "./record.ts";
import { stage } from "./stage.ts";

/** Gives up a release that did not end: tags go back to what they were, staged versions away where that can be. */
export async function abandonRelease(
  context: ReleaseContext,
  { registry, release, reason }: { registry: OpenRegistry; release: JournaledRelease; reason: string },
): Promise<void> {
  await context.progress.step(`Take back the unfinished release ${release.id.slice(0, 12)}`, async (report) => {
    for (const step of [record, promote, stage]) await step.undo?.(context, { registry, release }, report);
    recordEnding(context.journal, release.id, { kind: "abandoned", reason });
  });
}
