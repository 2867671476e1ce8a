import { HxpError } from "@hxp/errors";
import { mapConcurrently } from "../map-concurrently.ts";
import { deprecationOf, versionOf } from "../client/packument.ts";
import type { RegistryClient } from "../client/registry-client.ts";
import { type OnProgress, type PackageVersion, type RecordEffect, recordNothing } from "../released-package.ts";
import { type RecordedTags, type Restored, restoreTags } from "../promote/restore-tags.ts";

/** What {@link rollBackRelease} takes. */
export interface RollBackOptions {
  readonly client: RegistryClient;
  /** The release, in dependency order; it is taken back dependents first. */
  readonly packages: readonly PackageVersion[];
  /** Where the release's journal recorded each tag that it moved. */
  readonly previousTags: RecordedTags;
  /** What consumers of the versions are told. */
  readonly reason: string;
  readonly record?: RecordEffect;
  readonly onProgress?: OnProgress;
}

/** What {@link rollBackRelease} did. */
export interface RolledBack extends Restored {
  /** `name@version` of each version that carries the reason now. */
  readonly deprecated: readonly string[];
}

/**
 * Takes a release back: every tag it moved goes to where it was, then its versions are deprecated with the reason. A
 * tag that points to neither the release nor to where it was stops all before the first change (REGISTRY_TAG_MOVED):
 * a later release stands on this one. Calling it again after a failure goes on where it stopped.
 */
export async function rollBackRelease(options: RollBackOptions): Promise<RolledBack> {
  const { client, packages, previousTags, reason, record, onProgress } = options;
  if (reason.trim() === "")
    throw new HxpError("USAGE_INVALID", "A rollback needs a reason: its text is what consumers see");
  await requireOwnTags(options);
  const order = new Map(packages.map(({ name }, index) => [name, index]));
  const dependentsFirst = Object.entries(previousTags).toSorted(
    ([a], [b]) => (order.get(b) ?? 0) - (order.get(a) ?? 0),
  );
  const restored = await restoreTags({
    client,
    tags: Object.fromEntries(dependentsFirst),
    movedTo: Object.fromEntries(packages.map(({ name, version }) => [name, version])),
    ...(record === undefined ? {} : { record }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  const deprecated = await changeDeprecations(options, { to: reason, when: (now) => now !== reason });
  return { ...restored, deprecated };
}

/** Takes a rollback's deprecation off again, before its versions are released anew; other messages stay. */
export function liftDeprecations(
  options: Pick<RollBackOptions, "client" | "packages" | "reason" | "record" | "onProgress">,
): Promise<readonly string[]> {
  return changeDeprecations(options, { to: "", when: (now) => now === options.reason });
}

async function requireOwnTags({ client, packages, previousTags }: RollBackOptions): Promise<void> {
  const versions = new Map(packages.map(({ name, version }) => [name, version]));
  const astray = await mapConcurrently(Object.entries(previousTags), client.concurrency, async ([name, recorded]) => {
    const now = (await client.readTags(name)) ?? {};
    const others = Object.entries(recorded).filter(
      ([tag, before]) => now[tag] !== before && now[tag] !== versions.get(name),
    );
    return others.map(([tag]) => `${name}:${tag} (now ${now[tag] ?? "none"})`);
  });
  const list = astray.flat();
  if (list.length === 0) return;
  throw new HxpError(
    "REGISTRY_TAG_MOVED",
    `Tags no longer point to this release: ${list.join(", ")}; nothing was changed`,
    {
      hint: "Roll back the later release first.",
      details: { tags: list },
    },
  );
}

async function changeDeprecations(
  options: Pick<RollBackOptions, "client" | "packages" | "record" | "onProgress">,
  change: { to: string; when: (now: string | undefined) => boolean },
): Promise<string[]> {
  const { client, packages, record = recordNothing, onProgress } = options;
  let done = 0;
  const changed = await mapConcurrently(packages, client.concurrency, async ({ name, version }) => {
    const entry = versionOf(await client.readPackument(name), version);
    const isDue = entry !== undefined && change.when(deprecationOf(entry));
    if (isDue) {
      await record({ kind: "deprecate", target: `${name}@${version}`, data: { message: change.to } }, () =>
        client.deprecate(name, [version], change.to),
      );
    }
    done += 1;
    onProgress?.({ step: "deprecate", done, total: packages.length, note: `${name}@${version}` });
    return isDue ? [`${name}@${version}`] : [];
  });
  return changed.flat();
}
