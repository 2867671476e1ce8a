import { join } from "node:path";
import type { SealedRelease } from "@hxp/evidence/release";
import { findPrevious, writeReport } from "@hxp/release-report";
import type { ReleaseContext } from "../release-context.ts";

/**
 * Writes the auditor's pages of a release, compared with the one before on the same registry and channel. They are made
 * from the whole evidence, its record included, so they lie beside it and not in it: the record cannot vouch for what
 * shows it.
 * Pages that cannot be written are a warning: the release has ended, and `pnpm report` makes them again.
 */
export async function writePages(context: ReleaseContext, { id, folder }: SealedRelease): Promise<void> {
  try {
    const previous = findPrevious(folder, (text) => context.progress.warn(text));
    await writeReport(folder, { output: pagesFolder(context, id), previous });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    context.progress.warn(`The report could not be written: ${reason} \`pnpm report ${id.slice(0, 12)}\` tries again.`);
  }
}

/** Folder of a release's pages. */
export function pagesFolder({ paths }: Pick<ReleaseContext, "paths">, id: string): string {
  return join(paths.reports, id);
}
