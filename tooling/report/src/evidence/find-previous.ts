import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { evidenceFiles } from "@hxp/evidence/release";
import { openEvidenceFolder } from "./evidence-folder.ts";
import { readOutcome, readRecord, readTime } from "./read-signed.ts";
import { planSchema } from "./release-schemas.ts";

/** What the signed evidence of a release says of where and when it went. */
export interface KeptRelease {
  /** Name of its folder, the release's id. */
  id: string;
  path: string;
  registry: string | undefined;
  channel: string | undefined;
  /** As its last record says; undefined where it has none: it was planned, or did not come to its end. */
  outcome: string | undefined;
  /** When it was first recorded; where it never was, when its plan was signed. Milliseconds since 1970; 0: unknown. */
  time: number;
}

/** The releases whose evidence lies in a folder, a folder each, newest first. None where there is no such folder. */
export function listReleases(folder: string): KeptRelease[] {
  return existsSync(folder) ? readReleases(folder, readdirSync(folder)) : [];
}

function readReleases(folder: string, ids: readonly string[]): KeptRelease[] {
  return ids
    .map((id) => join(folder, id))
    .filter((path) => existsSync(join(path, evidenceFiles.plan)))
    .map((path) => readRelease(path))
    .toSorted((left, right) => right.time - left.time || (left.id < right.id ? -1 : 1));
}

/**
 * Folder of the release before: of those whose evidence lies beside this one's, the last that was recorded before it on
 * the same registry and channel, and that stands: rolled back, given up or unfinished ones do not count. Undefined where
 * there is none, and where what lies beside it may not be listed, which `warn` is told.
 */
export function findPrevious(evidence: string, warn: (text: string) => void = () => {}): string | undefined {
  const own = readRelease(resolve(evidence));
  const folder = dirname(own.path);
  return readReleases(folder, listFolder(folder, warn)).find(
    ({ path, registry, channel, outcome, time }) =>
      path !== own.path &&
      outcome === "promoted" &&
      registry === own.registry &&
      channel === own.channel &&
      time < own.time,
  )?.path;
}

/** Evidence that was handed over can lie in a folder that is somebody else's. */
function listFolder(folder: string, warn: (text: string) => void): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "EACCES" && code !== "EPERM") throw error;
    warn(`Nothing is compared: ${folder}, where the release before would lie, may not be listed (${code}).`);
    return [];
  }
}

function readRelease(path: string): KeptRelease {
  const folder = openEvidenceFolder(path);
  const plan = folder.json(evidenceFiles.plan, planSchema, "where it went is unknown");
  const record = [evidenceFiles.record, evidenceFiles.rollback].flatMap((file) => readRecord(folder, file) ?? [])[0];
  return {
    id: basename(path),
    path,
    registry: plan?.registry.identity,
    channel: plan?.channel,
    outcome: readOutcome(folder)?.outcome,
    time: record === undefined ? readTime(folder, evidenceFiles.planBundle) : Date.parse(record.recordedAt),
  };
}
