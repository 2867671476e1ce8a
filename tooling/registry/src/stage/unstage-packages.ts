import { mapConcurrently } from "../map-concurrently.ts";
import { versionOf } from "../client/packument.ts";
import type { RegistryClient } from "../client/registry-client.ts";
import { type OnProgress, type RecordEffect, recordNothing, type ReleasedPackage } from "../released-package.ts";

/** What a registry lets one do. */
export interface RegistryCapabilities {
  /** Whether a version can be taken off again; npm forbids it for all practical purposes. */
  readonly unpublish: boolean;
}

/** What {@link unstagePackages} takes. */
export interface UnstageOptions {
  readonly client: RegistryClient;
  readonly packages: readonly Pick<ReleasedPackage, "name" | "version" | "integrity">[];
  readonly stagingTag: string;
  /** Names whose version this release put on the registry, or began to: from {@link stagePackages} or the journal. */
  readonly uploaded: readonly string[];
  readonly capabilities: RegistryCapabilities;
  readonly record?: RecordEffect;
  readonly onProgress?: OnProgress;
}

/** What {@link unstagePackages} did. */
export interface Unstaged {
  /** Names whose version was taken off. */
  readonly unpublished: readonly string[];
  /** Names whose version stays: the registry lets none off, or a tag points to it. */
  readonly left: readonly string[];
}

/**
 * Undoes staging: removes the staging tags that point to these versions and, where the registry lets one, takes off
 * the versions that only this release put there. A version that another tag points to, or with other bytes, stays. Calling
 * it again after a kill ends what was cut off, and records it.
 */
export async function unstagePackages(options: UnstageOptions): Promise<Unstaged> {
  const { client, packages } = options;
  let done = 0;
  const results = await mapConcurrently(packages, client.concurrency, async (pkg) => {
    const outcome = await unstageOne(pkg, options);
    done += 1;
    options.onProgress?.({ step: "unstage", done, total: packages.length, note: pkg.name });
    return { name: pkg.name, outcome };
  });
  const withOutcome = (wanted: string): string[] =>
    results.filter(({ outcome }) => outcome === wanted).map(({ name }) => name);
  return { unpublished: withOutcome("unpublished"), left: withOutcome("left") };
}

async function unstageOne(
  { name, version, integrity }: UnstageOptions["packages"][number],
  { client, stagingTag, uploaded, capabilities, record = recordNothing }: UnstageOptions,
): Promise<"unpublished" | "left" | "absent"> {
  const unpublish = (): Promise<void> =>
    record({ kind: "unpublish", target: `${name}@${version}`, data: { integrity } }, () =>
      client.unpublish(name, version),
    );
  const mayUnpublish = capabilities.unpublish && uploaded.includes(name);
  const packument = await client.readPackument(name);
  const entry = versionOf(packument, version);
  if (packument === undefined || entry === undefined) {
    // An unpublish that was cut off may have left the tarball, and no record of its end.
    if (mayUnpublish) await unpublish();
    return "absent";
  }
  const { [stagingTag]: staged, ...others } = packument["dist-tags"];
  if (staged === version) {
    await record({ kind: "remove-tag", target: `${name}:${stagingTag}`, data: { version } }, () =>
      client.removeTag(name, stagingTag),
    );
  }
  const isOurs = mayUnpublish && entry.dist.integrity === integrity;
  if (!isOurs || Object.values(others).includes(version)) return "left";
  await unpublish();
  return "unpublished";
}
