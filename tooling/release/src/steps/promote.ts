import { liftDeprecations, promotePackages, restoreTags } from "@hxp/release-registry";
import { readBegun, readReleases } from "../journal/journaled-releases.ts";
import { readLeftTags } from "../journal/left-tags.ts";
import type { OpenRegistry } from "../registry/open-registry.ts";
import type { ReleaseContext } from "../release-context.ts";
import { defineStep } from "./step.ts";
import { recordIn } from "./stage.ts";

/** Moves the channel's tag to the staged versions, dependencies first, or puts every tag back. */
export const promote = defineStep({
  name: "promote",
  title: "Promote",
  needs: ["sealed", "packages", "registry"],
  gives: [],
  run: async (context, { sealed, packages, registry }, report) => {
    const { client } = registry;
    const { channel, stagingTag } = sealed.plan;
    const record = recordIn(context.journal, sealed.id);
    for (const { reason, versions } of findRolledBack(context.journal.records, packages)) {
      await liftDeprecations({ client, packages: versions, reason, record });
    }
    await removeLeftTags(context, registry);
    const { tornMs, leftStagingTags } = await promotePackages({
      client,
      packages,
      channel,
      stagingTag,
      expectedTags: Object.fromEntries(
        sealed.plan.packages.map(({ name, expectedTag }) => [name, expectedTag ?? undefined]),
      ),
      record,
      onProgress: ({ done, total, note }) => report(`${done} of ${total} ${note ?? ""}`),
      ...(context.signal === undefined ? {} : { signal: context.signal }),
    });
    if (leftStagingTags.length > 0)
      context.progress.warn(
        `${stagingTag} of ${leftStagingTags.join(", ")} could not be removed; it does no harm, and the next release removes it`,
      );
    context.progress.note(`  ${channel} pointed to a mix for ${tornMs.toFixed(0)} ms`);
    return {};
  },
  undo: async (context, { registry, release }, report) => {
    // The tag may point to the same version because another release put it there: only what this one moved goes back.
    const begun = readBegun(context.journal.records, release, ["set-tag"]);
    const moved = release.packages.filter(({ name }) => begun.has(`${name}:${release.channel}`));
    const { kept } = await restoreTags({
      client: registry.client,
      tags: Object.fromEntries(
        moved.map(({ name, expectedTag }) => [name, { [release.channel]: expectedTag ?? undefined }]),
      ),
      movedTo: Object.fromEntries(moved.map(({ name, version }) => [name, version])),
      record: recordIn(context.journal, release.id),
      onProgress: ({ done, total }) => report(`${done} of ${total}`),
    });
    for (const tag of kept) context.progress.warn(`${registry.name} lets nobody remove ${tag}; it stays where it is`);
  },
});

/** What an earlier release could not tidy up; if it cannot be done now, either, the next one tries again. */
async function removeLeftTags({ journal }: ReleaseContext, { client, identity }: OpenRegistry): Promise<void> {
  for (const { release, name, tag } of readLeftTags(journal.records, identity)) {
    const entry = { release, kind: "remove-tag", target: `${name}:${tag}` };
    await journal.effect(entry, () => client.removeTag(name, tag)).catch(() => {});
  }
}

/** Versions that an earlier rollback deprecated, by its reason. */
function findRolledBack(
  records: Parameters<typeof readReleases>[0],
  packages: readonly { name: string; version: string }[],
) {
  return readReleases(records)
    .filter(({ state, reason }) => state === "rolled-back" && reason !== undefined)
    .map((release) => ({
      reason: release.reason ?? "",
      versions: release.packages.filter((old) =>
        packages.some(({ name, version }) => name === old.name && version === old.version),
      ),
    }))
    .filter(({ versions }) => versions.length > 0);
}
