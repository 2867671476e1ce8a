import type { JournalRecord } from "./journal.ts";
import { readReleases } from "./journaled-releases.ts";

/** A staging tag that a release could not remove when it was promoted. */
export interface LeftTag {
  /** Id of the release that set it. */
  readonly release: string;
  readonly name: string;
  readonly tag: string;
}

/** Staging tags of ended releases on a registry whose removal failed and was not made up for since. */
export function readLeftTags(records: readonly JournalRecord[], identity: string): LeftTag[] {
  const ended = readReleases(records).filter(
    (release) => release.registry.identity === identity && release.state !== "open",
  );
  return ended.flatMap(({ id, stagingTag, packages }) =>
    packages
      .filter(({ name }) => {
        const last = records.findLast(
          ({ release, kind, target }) => release === id && kind === "remove-tag" && target === `${name}:${stagingTag}`,
        );
        return last?.phase === "failed";
      })
      .map(({ name }) => ({ release: id, name, tag: stagingTag })),
  );
}
