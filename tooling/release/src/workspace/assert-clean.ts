import { HxpError } from "@hxp/errors";

const shownPaths = 10;

/**
 * Refuses a working tree that differs from its commit, with the paths. Throws WORKSPACE_DIRTY.
 *
 * @param hint what to do about it, where that is another thing than for a release
 */
export function assertClean(dirty: readonly string[], hint?: string): void {
  if (dirty.length === 0) return;
  const shown = dirty.slice(0, shownPaths).join(", ");
  const more = dirty.length > shownPaths ? ` and ${dirty.length - shownPaths} more` : "";
  throw new HxpError("WORKSPACE_DIRTY", `${dirty.length} paths differ from the commit: ${shown}${more}`, {
    details: { dirty },
    ...(hint === undefined ? {} : { hint }),
  });
}
