import type { PackageState, RegistryState, RunningReleases, VersionState } from "@hxp/release-registry";
import { z } from "zod";
import type { Journal, JournalRecord } from "./journal.ts";
import { type JournaledRelease, readBegun, readReleases } from "./journaled-releases.ts";

const baselineSchema = z.strictObject({
  identity: z.string(),
  name: z.string(),
  tags: z.record(z.string(), z.string()),
  versions: z.record(
    z.string(),
    z.strictObject({ integrity: z.string().optional(), deprecated: z.string().optional() }),
  ),
});

/** Writes what a registry held of packages before this journal's first release of them, so that it is not taken for foreign later. */
export function recordBaseline(
  journal: Journal,
  { identity, state, release }: { identity: string; state: RegistryState; release: string },
): void {
  const expected = expectedDistribution(journal.records, identity);
  const known = new Set([...Object.keys(expected), ...listStarted(journal.records, identity)]);
  for (const [name, { tags, versions }] of Object.entries(state)) {
    if (known.has(name) || Object.keys(versions).length === 0) continue;
    const data = JSON.parse(JSON.stringify({ identity, name, tags, versions })) as Record<string, never>;
    journal.add({ release, phase: "note", kind: "baseline", target: name, data });
  }
}

/** Names that a release to the registry was begun of; what it put there is in its seal. */
function listStarted(records: readonly JournalRecord[], identity: string): string[] {
  const releases = readReleases(records).filter((release) => release.registry.identity === identity);
  return releases.flatMap((release) => release.packages.map(({ name }) => name));
}

/** What the journal says that a registry holds: tags, versions, digests, deprecations. */
export function expectedDistribution(records: readonly JournalRecord[], identity: string): RegistryState {
  const state: Record<string, PackageState> = {};
  for (const record of records) {
    const baseline = record.kind === "baseline" ? baselineSchema.parse(record.data) : undefined;
    if (baseline?.identity !== identity) continue;
    const versions = Object.entries(baseline.versions).map(
      ([version, entry]) => [version, toVersionState(entry)] as const,
    );
    state[baseline.name] = { tags: baseline.tags, versions: Object.fromEntries(versions) };
  }
  const releases = readReleases(records)
    .filter((release) => release.registry.identity === identity)
    .toSorted((left, right) => (left.endedAt ?? "").localeCompare(right.endedAt ?? ""));
  for (const release of releases) {
    if (release.state === "released" || release.state === "rolled-back") applyRelease(state, release);
  }
  for (const release of releases) {
    if (release.state === "open" || release.state === "abandoned") applyUploads(state, release, records);
  }
  return state;
}

/** What releases to a registry that have not ended, and rollbacks that run, stage and move: none of it is foreign. */
export function readRunningReleases(records: readonly JournalRecord[], identity: string): Required<RunningReleases> {
  const releases = readReleases(records).filter(
    (release) =>
      release.registry.identity === identity && (release.state === "open" || release.rollingBack !== undefined),
  );
  const movingTags: Record<string, Record<string, (string | null)[]>> = {};
  for (const release of releases) {
    // From its first record on, a tag may stand at both ends.
    const begun = readBegun(records, release, ["set-tag", "remove-tag"]);
    for (const { name, version, expectedTag } of release.packages) {
      if (!begun.has(`${name}:${release.channel}`)) continue;
      ((movingTags[name] ??= {})[release.channel] ??= []).push(version, expectedTag);
    }
  }
  return { ignoredTags: releases.map(({ stagingTag }) => stagingTag), movingTags };
}

function applyRelease(state: Record<string, PackageState>, release: JournaledRelease): void {
  const { channel, reason } = release;
  for (const { name, version, integrity, expectedTag } of release.packages) {
    const { tags = {}, versions = {} } = state[name] ?? {};
    const { [channel]: _, ...otherTags } = tags;
    const isKept = release.state === "released" || release.kept?.includes(`${name}:${channel}`) === true;
    const tagged = isKept ? version : expectedTag;
    const deprecated = release.state === "rolled-back" && reason !== undefined ? { deprecated: reason } : {};
    state[name] = {
      tags: tagged === null ? otherTags : { ...otherTags, [channel]: tagged },
      versions: { ...versions, [version]: { integrity, ...deprecated } },
    };
  }
}

/** What a release uploaded before it was cut off or given up is no stranger's, where no one could take it off again. */
function applyUploads(
  state: Record<string, PackageState>,
  release: JournaledRelease,
  records: readonly JournalRecord[],
): void {
  const done = records.filter(({ release: id, phase }) => id === release.id && phase === "after");
  for (const { name, version, integrity } of release.packages) {
    const last = done.findLast(
      ({ kind, target }) => (kind === "publish" || kind === "unpublish") && target === `${name}@${version}`,
    );
    if (last?.kind !== "publish") continue;
    const { tags = {}, versions = {} } = state[name] ?? {};
    state[name] = { tags, versions: { [version]: { integrity }, ...versions } };
  }
}

function toVersionState({
  integrity,
  deprecated,
}: {
  integrity?: string | undefined;
  deprecated?: string | undefined;
}): VersionState {
  return { ...(integrity === undefined ? {} : { integrity }), ...(deprecated === undefined ? {} : { deprecated }) };
}
