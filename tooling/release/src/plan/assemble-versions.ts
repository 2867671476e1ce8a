import { assembleReleasePlan } from "@changesets/assemble-release-plan";
import type { NewChangeset, ReleasePlan as ChangesetPlan } from "@changesets/types";
import semver from "semver";
import type { Workspace } from "../workspace/read-workspace.ts";
import { isNarrower, toNextRange, toPublishedRange } from "./peer-range.ts";

/** A bump that no changeset asked for, and why it must be. */
interface ForcedBump {
  name: string;
  type: "minor" | "major";
  because: string;
}

/** The next versions of a workspace. */
export interface NextVersions {
  plan: ChangesetPlan;
  forced: ForcedBump[];
}

/**
 * Works out the next versions from the pending changesets. Where a peer range that users see gets narrower, the
 * dependent's bump is raised to major (minor below 1.0.0), which changesets 3 leaves at patch: installing the new
 * version next to the old peer fails, so it breaks.
 *
 * @param snapshot versions become `0.0.0-<tag>-<commit>`; nothing is forced, since nobody depends on them by range
 */
export function assembleVersions(workspace: Workspace, snapshot?: { tag: string; commit: string }): NextVersions {
  const forced: ForcedBump[] = [];
  for (let round = 0; round <= workspace.packages.length; round += 1) {
    const plan = assemble(workspace, forced, snapshot);
    const missing = snapshot === undefined ? findNarrowedPeers(workspace, plan) : [];
    if (missing.length === 0) return { plan, forced };
    forced.push(...missing);
  }
  throw new Error("forced bumps did not settle");
}

function assemble(
  workspace: Workspace,
  forced: ForcedBump[],
  snapshot?: { tag: string; commit: string },
): ChangesetPlan {
  const { changesets, manypkg, changesetsConfig, preState } = workspace;
  const extra = forced.map(({ name, type, because }): NewChangeset => ({
    id: `peer-range-${name.replaceAll(/[^a-z0-9]+/gi, "-")}`,
    summary: because,
    releases: [{ name, type }],
  }));
  // A fixed template: changesets' own holds the time of day, and the same source must give the same plan.
  const config =
    snapshot === undefined
      ? changesetsConfig
      : { ...changesetsConfig, snapshot: { useCalculatedVersion: false, prereleaseTemplate: "{tag}-{commit-short}" } };
  return assembleReleasePlan([...changesets, ...extra], manypkg, config, preState, snapshot);
}

function findNarrowedPeers({ packages, changesetsConfig }: Workspace, plan: ChangesetPlan): ForcedBump[] {
  const releases = new Map(plan.releases.map((release) => [release.name, release]));
  // A release's own `oldVersion` is that of the highest in its fixed or linked group.
  const versions = new Map(packages.map(({ name, version }) => [name, version]));
  return packages.flatMap((dependent) => {
    const own = releases.get(dependent.name);
    if (own === undefined || own.type === "none") return [];
    const needed = semver.major(dependent.version) === 0 ? "minor" : "major";
    if (own.type === "major" || own.type === needed) return [];
    const reasons = Object.entries(dependent.manifest.peerDependencies ?? {}).flatMap(([peer, range]) => {
      const [version, release] = [versions.get(peer), releases.get(peer)];
      if (version === undefined || release?.newVersion === undefined) return [];
      const { newVersion, type } = release;
      const before = toPublishedRange(range, version);
      const after = toPublishedRange(toNextRange(range, { newVersion, type }, changesetsConfig), newVersion);
      if (!isNarrower(before, after)) return [];
      return [`The peer range of ${peer} narrows from ${before} to ${after}.`];
    });
    return reasons.length === 0 ? [] : [{ name: dependent.name, type: needed, because: reasons.join(" ") } as const];
  });
}
