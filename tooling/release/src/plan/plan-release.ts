import { createHash } from "node:crypto";
import type { ComprehensiveRelease } from "@changesets/types";
import { HxpError } from "@hxp/errors";
import { rankPackages, type RegistryState } from "@hxp/release-registry";
import semver from "semver";
import type { Source } from "../workspace/git.ts";
import type { Workspace, WorkspacePackage } from "../workspace/read-workspace.ts";
import { assembleVersions, type NextVersions } from "./assemble-versions.ts";
import type { DraftPlan } from "./release-plan.ts";

/** Everything that a plan depends on. */
export interface PlanInput {
  workspace: Workspace;
  source: Source;
  /** Path of the workspace in the repository. */
  prefix: string;
  repository: string | null;
  channel: string;
  snapshot: boolean;
  registry: { name: string; identity: string; state: RegistryState };
  lockfile: string;
  config: string;
  /** What earlier releases leave behind; see the journal. */
  history: {
    /** Reasons by `name@version`. */
    rolledBack: ReadonlyMap<string, string>;
    /** Git trees of package folders that a released version was made from, by `name@version`. */
    trees: ReadonlyMap<string, readonly string[]>;
    /** `name@version` of what a release that was given up may have left on the registry. */
    abandoned?: ReadonlySet<string>;
  };
  /** Git tree of each package folder in the source. */
  folderTrees: Readonly<Record<string, string>>;
  /** Release versions again that were rolled back. */
  restore: boolean;
}

/** A draft plan, or why there is nothing to release. */
export type PlanOutcome =
  | { type: "release"; draft: DraftPlan; versions: NextVersions }
  | { type: "nothing"; current: { name: string; version: string }[]; warnings: string[] };

/** Plans a release. Pure: the same input gives the same plan. */
export function planRelease(input: PlanInput): PlanOutcome {
  const { workspace, source, channel, snapshot, registry } = input;
  const versions = assembleVersions(workspace, snapshot ? { tag: channel, commit: source.commit } : undefined);
  const candidates = readCandidates(input, versions);
  const chosen = candidates.filter(({ planned }) => planned.reasons.length > 0);
  const warnings = candidates.flatMap((candidate) => candidate.warnings);
  if (chosen.length === 0) {
    return {
      type: "nothing",
      current: candidates.map(({ planned }) => ({ name: planned.name, version: planned.version })),
      warnings,
    };
  }
  for (const { planned } of chosen) assertChannelFits(planned, channel);
  const ranks = rankPackages(chosen.map((candidate) => candidate.package));
  const packages = chosen.map(({ planned }) => ({ ...planned, rank: ranks.get(planned.name) ?? 0 }));
  const draft: DraftPlan = {
    schema: "https://github.com/hxp-enterprise/hxp/predicates/release-plan/v1",
    source: {
      commit: source.commit,
      tree: source.tree,
      time: source.time,
      dirty: source.dirty,
      repository: input.repository,
      prefix: input.prefix,
    },
    lockfile: input.lockfile,
    config: input.config,
    registry: { name: registry.name, identity: registry.identity },
    channel,
    stagingTag: `staging-${sourceKey(input).slice(0, 12)}`,
    packages: packages.toSorted((left, right) => left.rank - right.rank || left.name.localeCompare(right.name, "en")),
    warnings,
  };
  return { type: "release", draft, versions };
}

/** Names what a release is made from and where it goes: two runs with one key continue the same release. */
export function sourceKey(input: Pick<PlanInput, "source" | "channel" | "registry" | "config" | "restore">): string {
  const { source, channel, registry, config, restore } = input;
  const parts = [source.commit, source.tree, channel, registry.identity, config, String(restore)];
  return createHash("sha256").update(parts.join("\n")).digest("hex");
}

/** A package with what would be released of it; without reasons, nothing is. */
interface Candidate {
  package: WorkspacePackage;
  planned: DraftPlan["packages"][number];
  warnings: string[];
}

function readCandidates(input: PlanInput, versions: NextVersions): Candidate[] {
  const releases = new Map(versions.plan.releases.map((release) => [release.name, release]));
  const publishable = input.workspace.packages.filter((entry) => !entry.private);
  if (publishable.length === 0) {
    throw new HxpError("WORKSPACE_INVALID", `${input.workspace.folder} has no package that is not private`);
  }
  // Of type none are those whose manifest changes and version does not: released to a channel of snapshots, it would be lost to all others.
  const isBumped = ({ name }: WorkspacePackage): boolean => (releases.get(name)?.type ?? "none") !== "none";
  const wanted = input.snapshot ? publishable.filter(isBumped) : publishable;
  return wanted.map((entry) => readCandidate(entry, { input, versions, release: releases.get(entry.name) }));
}

function readCandidate(
  entry: WorkspacePackage,
  { input, versions, release }: { input: PlanInput; versions: NextVersions; release: ComprehensiveRelease | undefined },
): Candidate {
  const version = release?.newVersion ?? entry.version;
  const { tags, versions: published } = input.registry.state[entry.name] ?? { tags: {}, versions: {} };
  const onRegistry = Object.hasOwn(published, version);
  const isKnown = Object.keys(published).length > 0;
  const reasons = onRegistry
    ? judgePresent({ name: entry.name, version, isNew: version !== entry.version }, input)
    : explain({ release, versions, entry, isKnown });
  return {
    package: entry,
    planned: {
      name: entry.name,
      version,
      oldVersion: entry.version,
      bump: release?.type ?? "none",
      reasons,
      folder: entry.folder,
      rank: 0,
      access: chooseAccess(entry, input.workspace),
      expectedTag: tags[input.channel] ?? null,
      onRegistry,
    },
    warnings: onRegistry && reasons.length === 0 ? describeChange(entry, version, input) : [],
  };
}

/** npm's own rule: names without a scope are always public. */
function chooseAccess(entry: WorkspacePackage, { changesetsConfig }: Workspace): "public" | "restricted" {
  return entry.access ?? (entry.name.startsWith("@") ? changesetsConfig.access : "public");
}

interface Explanation {
  release: ComprehensiveRelease | undefined;
  versions: NextVersions;
  entry: WorkspacePackage;
  isKnown: boolean;
}

function explain({ release, versions, entry, isKnown }: Explanation): string[] {
  const summaries = versions.plan.changesets
    .filter((changeset) => release?.changesets.includes(changeset.id))
    .map((changeset) => changeset.summary.split("\n")[0] ?? "");
  if (summaries.length > 0) return [...new Set(summaries)];
  if (release !== undefined && release.type !== "none") return ["A package it depends on is released."];
  return [isKnown ? `Version ${entry.version} is not on the registry.` : "It was never published."];
}

/**
 * A version that is there is done, unless it was never promoted, or is to be restored after a rollback. One that the
 * changesets ask for and the journal does not know is somebody else's until staging has compared its bytes with ours.
 */
function judgePresent(present: { name: string; version: string; isNew: boolean }, input: PlanInput): string[] {
  const { name, version, isNew } = present;
  const key = `${name}@${version}`;
  const rolledBack = findRollback(present, input);
  if (rolledBack !== undefined && input.restore) return [`It was rolled back (${rolledBack}) and is released again.`];
  if (rolledBack !== undefined) throw new HxpError("VERSION_ROLLED_BACK", `${key} was rolled back: ${rolledBack}`);
  if (input.history.trees.has(key)) return [];
  const isAbandoned = input.history.abandoned?.has(key) === true;
  if (isAbandoned || isStagedOnly(version, input.registry.state[name]?.tags ?? {})) {
    return ["It was staged by a release that did not end."];
  }
  return isNew ? ["The registry has it from elsewhere; it must be the same, to the byte."] : [];
}

/** A rollback of another checkout is in no journal here, but the registry tells of it. */
function findRollback(
  { name, version, isNew }: { name: string; version: string; isNew: boolean },
  { history, registry }: PlanInput,
): string | undefined {
  const key = `${name}@${version}`;
  const isForeign = isNew && !history.trees.has(key);
  return history.rolledBack.get(key) ?? (isForeign ? registry.state[name]?.versions[version]?.deprecated : undefined);
}

function isStagedOnly(version: string, tags: Readonly<Record<string, string>>): boolean {
  const own = Object.entries(tags).filter(([, tagged]) => tagged === version);
  return own.length > 0 && own.every(([tag]) => tag.startsWith("staging-"));
}

function describeChange(entry: WorkspacePackage, version: string, input: PlanInput): string[] {
  const released = input.history.trees.get(`${entry.name}@${version}`);
  const current = input.folderTrees[entry.folder];
  if (released === undefined || current === undefined || released.includes(current)) return [];
  return [`${entry.name} has changed since ${version} was released and has no changeset; \`pnpm changeset\` adds one.`];
}

function assertChannelFits({ name, version, expectedTag }: Candidate["planned"], channel: string): void {
  if (channel === "latest" && semver.prerelease(version) !== null) {
    throw new HxpError("CHANNEL_UNFIT", `${name}@${version} is a prerelease and cannot go to latest`, {
      hint: "Name another channel with --channel, or leave pre mode with `pnpm changeset pre exit`.",
    });
  }
  const current = expectedTag === null ? null : semver.parse(expectedTag);
  const isPreview = semver.prerelease(version) !== null;
  if (current !== null && !isPreview && semver.lt(version, current)) {
    throw new HxpError("CHANNEL_UNFIT", `${channel} of ${name} is at ${expectedTag}; ${version} would move it back`, {
      hint: "Release an older line to a channel of its own with --channel.",
    });
  }
}
