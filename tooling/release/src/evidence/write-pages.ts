import { join } from "node:path";
import type { SealedRelease } from "@hxp/evidence/release";
import { writeReport } from "@hxp/release-report";
import { readReleases } from "../journal/journaled-releases.ts";
import type { ReleaseContext } from "../release-context.ts";

/**
 * Writes the auditor's pages of a release, compared with the one before on the same registry. They are made from the
 * whole evidence, its record included, so they lie beside it and not in it: the record cannot vouch for what shows it.
 * Pages that cannot be written are a warning: the release has ended, and `pnpm report` makes them again.
 */
export async function writePages(context: ReleaseContext, { id, folder }: SealedRelease): Promise<void> {
  const { paths, journal, progress } = context;
  const releases = readReleases(journal.records);
  const identity = releases.find((release) => release.id === id)?.registry.identity;
  const before = releases.findLast(
    (release) => release.id !== id && release.state === "released" && release.registry.identity === identity,
  );
  const previous = before === undefined ? {} : { previous: join(paths.releases, before.id) };
  try {
    await writeReport(folder, { output: pagesFolder(context, id), ...previous });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    progress.warn(`The report could not be written: ${reason} \`pnpm report ${id.slice(0, 12)}\` tries again.`);
  }
}

/** Folder of a release's pages. */
export function pagesFolder({ paths }: Pick<ReleaseContext, "paths">, id: string): string {
  return join(paths.reports, id);
}
