import type { Observation } from "../create-gate.ts";
import type { AdvisoriesPolicy } from "../policy/advisories-policy.ts";
import { type DatabaseManifest, manifestName } from "./database/database-format.ts";

const day = 24 * 60 * 60 * 1000;

/** Whether a snapshot is young enough. */
type Freshness = "fresh" | "stale" | "blocking";

/** How old a snapshot is, in days, and what the policy says of that. */
export interface SnapshotAge {
  days: number;
  freshness: Freshness;
}

/**
 * The age of a snapshot: since its newest entry was changed, or since its import if that was earlier, so that an old
 * file does not get young by being imported, nor an entry of tomorrow.
 */
export function readAge(
  { modified, importedAt }: Pick<DatabaseManifest, "modified" | "importedAt">,
  { maxAgeDays, blockAfterDays }: AdvisoriesPolicy,
  now: Date,
): SnapshotAge {
  const since = Math.min(Date.parse(modified), Date.parse(importedAt));
  const days = Math.floor((now.getTime() - since) / day);
  if (days >= blockAfterDays) return { days, freshness: "blocking" };
  return { days, freshness: days >= maxAgeDays ? "stale" : "fresh" };
}

/** What a snapshot is held against. */
export interface SnapshotLimits {
  policy: AdvisoriesPolicy;
  now: Date;
  /** Whether the registry answered today: then the snapshot is not the only source, and only warns. */
  hasRegistry: boolean;
}

/** What there is to say of a snapshot: that it is old, or too small to be a whole database. */
export function observeSnapshot(manifest: DatabaseManifest, limits: SnapshotLimits): Observation[] {
  return [...observeAge(manifest, limits), ...observeSize(manifest, limits)];
}

function observeSize(
  { entries, source }: DatabaseManifest,
  { policy: { minimumEntries }, hasRegistry }: SnapshotLimits,
): Observation[] {
  if (entries >= minimumEntries) return [];
  return [
    {
      rule: "snapshot-small",
      where: manifestName,
      message: `The advisory snapshot from ${source} has ${entries} entries; advisories.minimumEntries is ${minimumEntries}.`,
      why: "A database with next to nothing in it finds next to nothing.",
      fix: `${importCommand} If the database is meant to be so small, set advisories.minimumEntries in the policy.`,
      severity: hasRegistry ? "warning" : "error",
    },
  ];
}

function observeAge(manifest: DatabaseManifest, { policy, now, hasRegistry }: SnapshotLimits): Observation[] {
  const { days, freshness } = readAge(manifest, policy, now);
  if (freshness === "fresh") return [];
  const { modified, importedAt } = manifest;
  const limits = `it warns from ${policy.maxAgeDays} and blocks from ${policy.blockAfterDays} days on`;
  return [
    {
      rule: "snapshot-stale",
      where: manifestName,
      message: `The advisory snapshot is ${days} days old (newest entry ${modified}, imported ${importedAt}); ${limits}.`,
      why: "What became known since then was not looked for.",
      fix: importCommand,
      severity: freshness === "blocking" && !hasRegistry ? "error" : "warning",
    },
  ];
}

/** How a snapshot is imported. */
export const importCommand =
  "Run `pnpm release advisories import https://osv-vulnerabilities.storage.googleapis.com/npm/all.zip`, or download that file elsewhere and import it by its path.";
