import { HxpError, isHxpError } from "@hxp/errors";
import { mapConcurrently } from "../map-concurrently.ts";
import type { RegistryClient } from "../client/registry-client.ts";
import { type OnProgress, type RecordEffect, recordNothing, type ReleasedPackage } from "../released-package.ts";
import { runRecorded } from "../run-recorded.ts";
import { rankPackages } from "./rank-packages.ts";
import { restoreTags } from "./restore-tags.ts";

/** What {@link promotePackages} takes. */
export interface PromoteOptions {
  readonly client: RegistryClient;
  /** In any order: they are promoted dependencies first. */
  readonly packages: readonly Pick<ReleasedPackage, "name" | "version" | "manifest">[];
  /** The tag that consumers follow: `latest`, `next`. */
  readonly channel: string;
  /** By name, where the plan recorded the channel tag; undefined or absent: it did not exist. */
  readonly expectedTags: Readonly<Record<string, string | undefined>>;
  readonly stagingTag: string;
  readonly record?: RecordEffect;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
  /** Milliseconds, monotonic; default `performance.now`. */
  readonly clock?: () => number;
}

/** What {@link promotePackages} did. */
export interface Promoted {
  /** Names whose channel tag this call moved. */
  readonly moved: readonly string[];
  /** Time during which the channel pointed to a mix of releases. */
  readonly tornMs: number;
  /** Names whose staging tag could not be removed; harmless, and removed by the next call. */
  readonly leftStagingTags: readonly string[];
}

/**
 * Moves the channel tag of all packages to their staged versions, dependencies first. Every tag must be where the plan
 * recorded it, or already be moved by an earlier, interrupted call; else REGISTRY_TAG_MOVED before the first change.
 * When a move fails, or a tag is found elsewhere afterwards, all recorded tags are restored:
 * REGISTRY_PROMOTION_REVERTED (exit code 10), or REGISTRY_RESTORE_FAILED (11) when that failed too.
 */
export async function promotePackages(options: PromoteOptions): Promise<Promoted> {
  const { packages, channel } = options;
  const tags = await readChannelTags(options);
  const moving = packages.filter(({ name, version }) => tags.get(name) !== version);
  requireRecordedTags(options, tags);
  try {
    const tornMs = await moveTags(moving, options);
    await requireMovedTags(options);
    const leftStagingTags = channel === options.stagingTag ? [] : await removeStagingTags(options);
    return { moved: moving.map(({ name }) => name), tornMs, leftStagingTags };
  } catch (error) {
    throw await restoreChannel(options, error);
  }
}

async function readChannelTags({
  client,
  packages,
  channel,
}: PromoteOptions): Promise<Map<string, string | undefined>> {
  const entries = await mapConcurrently(packages, client.concurrency, async ({ name }) => {
    const tags = (await client.readTags(name)) ?? {};
    return [name, Object.hasOwn(tags, channel) ? tags[channel] : undefined] as const;
  });
  return new Map(entries);
}

function requireRecordedTags(options: PromoteOptions, tags: Map<string, string | undefined>): void {
  const { packages, channel, expectedTags, client } = options;
  const moved = packages.flatMap(({ name, version }) => {
    const found = tags.get(name);
    return found === version || found === expectedTags[name] ? [] : [{ name, expected: expectedTags[name], found }];
  });
  if (moved.length === 0) return;
  const list = moved.map(({ name, expected, found }) => `${name} (${expected ?? "none"}, now ${found ?? "none"})`);
  throw new HxpError(
    "REGISTRY_TAG_MOVED",
    `${channel} on ${client.url} is not where the plan has it: ${list.join(", ")}`,
    {
      details: { channel, moved },
    },
  );
}

/** Returns how long it took from the first move to the last. */
async function moveTags(moving: PromoteOptions["packages"], options: PromoteOptions): Promise<number> {
  const { client, channel, expectedTags, record = recordNothing, signal, onProgress } = options;
  const { clock = () => performance.now() } = options;
  const times: number[] = [];
  let done = 0;
  await runRecorded(groupByRank(moving, options.packages), {
    limit: client.concurrency,
    record,
    describe: ({ name, version }) => ({
      kind: "set-tag",
      target: `${name}:${channel}`,
      data: { from: expectedTags[name] ?? null, to: version },
    }),
    run: async ({ name, version }) => {
      signal?.throwIfAborted();
      times.push(clock());
      await client.setTag(name, channel, version);
      times.push(clock());
      done += 1;
      onProgress?.({ step: "promote", done, total: moving.length, note: `${name}@${version}` });
    },
  });
  return (times.at(-1) ?? 0) - (times[0] ?? 0);
}

/** In groups that are moved one after the other: what all of them need first. */
function groupByRank(
  moving: PromoteOptions["packages"],
  all: PromoteOptions["packages"],
): PromoteOptions["packages"][] {
  const ranks = rankPackages(all);
  const groups = Map.groupBy(moving, ({ name }) => ranks.get(name) ?? 0);
  return [...groups].toSorted(([left], [right]) => left - right).map(([, group]) => group);
}

/** The npm protocol has no conditional write: looking again tells whether another release ran at the same time. */
async function requireMovedTags(options: PromoteOptions): Promise<void> {
  const { client, packages, channel } = options;
  const tags = await readChannelTags({ ...options, client: client.withSignal(undefined) });
  const astray = packages.filter(({ name, version }) => tags.get(name) !== version);
  if (astray.length === 0) return;
  const list = astray.map(({ name, version }) => `${name} (${version}, now ${tags.get(name) ?? "none"})`).join(", ");
  throw new HxpError("REGISTRY_TAG_MOVED", `${channel} did not stay where it was set: ${list}`);
}

/** Puts the tags back and gives the error that says so; where one is not as recorded, it says which and why. */
async function restoreChannel(options: PromoteOptions, cause: unknown): Promise<HxpError> {
  const { client, packages, channel, expectedTags, record, onProgress } = options;
  const why = cause instanceof Error ? cause.message : String(cause);
  const restored = await restoreTags({
    client,
    tags: Object.fromEntries(packages.map(({ name }) => [name, { [channel]: expectedTags[name] }])),
    movedTo: Object.fromEntries(packages.map(({ name, version }) => [name, version])),
    ...(record === undefined ? {} : { record }),
    ...(onProgress === undefined ? {} : { onProgress }),
  }).catch((error: unknown) => {
    if (!isHxpError(error, "REGISTRY_RESTORE_FAILED")) throw error;
    const { message, details } = error;
    throw new HxpError("REGISTRY_RESTORE_FAILED", `${message}; the promotion had failed: ${why}`, {
      cause: error,
      details,
    });
  });
  const { kept, movedByOthers } = restored;
  if (movedByOthers.length > 0) {
    return new HxpError(
      "REGISTRY_RESTORE_FAILED",
      `${channel} on ${client.url} is back where it was, but for what somebody else has moved meanwhile: ${movedByOthers.join(", ")}; ${why}`,
      {
        cause,
        hint: "Look at what the other release did; `pnpm release status` shows where each tag points.",
        details: { movedByOthers },
      },
    );
  }
  const exception = kept.length === 0 ? "" : `, but for what the registry lets nobody remove (${kept.join(", ")})`;
  return new HxpError(
    "REGISTRY_PROMOTION_REVERTED",
    `${channel} is back where it was on ${client.url}${exception}: ${why}`,
    { cause, ...(kept.length === 0 ? {} : { details: { kept } }) },
  );
}

async function removeStagingTags(options: PromoteOptions): Promise<string[]> {
  const { packages, stagingTag, record = recordNothing } = options;
  const client = options.client.withSignal(undefined);
  const left = await mapConcurrently(packages, client.concurrency, async ({ name }) => {
    try {
      await record({ kind: "remove-tag", target: `${name}:${stagingTag}` }, () => client.removeTag(name, stagingTag));
      return [];
    } catch {
      return [name];
    }
  });
  return left.flat();
}
