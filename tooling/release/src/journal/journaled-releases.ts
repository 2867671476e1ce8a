import { z } from "zod";
import type { Journal, JournalRecord } from "./journal.ts";

const sealedPackageSchema = z.strictObject({
  name: z.string(),
  version: z.string(),
  integrity: z.string(),
  /** Version the channel's tag pointed to before; null for none. */
  expectedTag: z.string().nullable(),
  /** Whether the registry had the version before this release. */
  onRegistry: z.boolean(),
  /** Git trees of the package's folder: in the source, and in the release commit. */
  trees: z.array(z.string()),
});

const sealSchema = z.strictObject({
  planDigest: z.string(),
  sourceKey: z.string(),
  registry: z.strictObject({ name: z.string(), identity: z.string() }),
  channel: z.string(),
  stagingTag: z.string(),
  source: z.string(),
  releaseCommit: z.string(),
  packages: z.array(sealedPackageSchema),
});

/** What the journal keeps of a plan when it is sealed: enough to undo the release without the plan. */
export type Seal = z.infer<typeof sealSchema>;

/** A release as the journal tells it. */
export interface JournaledRelease extends Seal {
  id: string;
  sealedAt: string;
  state: "open" | "released" | "abandoned" | "rolled-back";
  /** Steps that ended, in order. */
  steps: string[];
  endedAt?: string;
  reason?: string;
  /** `name:tag` of tags that a rollback could not take away. */
  kept?: readonly string[];
  /** Why it is being rolled back: set from the rollback's first record on until it ends, or fails before it changed anything. */
  rollingBack?: string;
}

const endings = { released: "released", abandoned: "abandoned", "rolled-back": "rolled-back" } as const;

/** Folds the journal into its releases, oldest first. A release whose plan was never sealed left nothing outside. */
export function readReleases(records: readonly JournalRecord[]): JournaledRelease[] {
  const releases = new Map<string, JournaledRelease>();
  for (const record of records) {
    if (record.kind === "seal") {
      // A plan that is sealed again, after a rollback, is the newest release.
      releases.delete(record.release);
      releases.set(record.release, openRelease(record));
    }
    const release = releases.get(record.release);
    if (release === undefined) continue;
    if (record.kind === "step" && record.phase === "after") release.steps.push(record.target);
    if (isEnding(record.kind) && record.phase === "note") endRelease(release, record);
  }
  for (const release of releases.values()) {
    const reason = findOpenRollback(records, release);
    if (reason !== undefined) release.rollingBack = reason;
  }
  return [...releases.values()];
}

/** Writes that a plan is sealed: from here on the journal can finish or undo the release. */
export function recordSeal(journal: Journal, id: string, seal: Seal): void {
  journal.add({ release: id, phase: "note", kind: "seal", target: seal.registry.name, data: seal });
}

/** Writes how a release ended. */
export function recordEnding(
  journal: Journal,
  id: string,
  { kind, ...data }: { kind: keyof typeof endings; reason?: string; kept?: readonly string[] },
): void {
  const entry =
    Object.keys(data).length === 0 ? {} : { data: JSON.parse(JSON.stringify(data)) as Record<string, never> };
  journal.add({ release: id, phase: "note", kind, target: id, ...entry });
}

/** Reasons of rolled-back versions on a registry, by `name@version`; a version released again is not in it. */
export function readRolledBack(releases: readonly JournaledRelease[], identity: string): Map<string, string> {
  const reasons = new Map<string, string>();
  const ended = releases
    .filter((release) => release.registry.identity === identity && release.endedAt !== undefined)
    .toSorted((left, right) => (left.endedAt ?? "").localeCompare(right.endedAt ?? ""));
  for (const release of ended) {
    for (const { name, version } of release.packages) {
      if (release.state === "rolled-back") reasons.set(`${name}@${version}`, release.reason ?? "no reason given");
      if (release.state === "released") reasons.delete(`${name}@${version}`);
    }
  }
  return reasons;
}

/** Git trees that released versions were made from, by `name@version`. */
export function readReleasedTrees(releases: readonly JournaledRelease[]): Map<string, readonly string[]> {
  const packages = releases.filter(({ state }) => state === "released").flatMap((release) => release.packages);
  return new Map(packages.map(({ name, version, trees }) => [`${name}@${version}`, trees]));
}

/** Targets of the effects of these kinds that a release has begun since its plan was last sealed: `name@version`, `name:tag`. */
export function readBegun(
  records: readonly JournalRecord[],
  { id }: Pick<JournaledRelease, "id">,
  kinds: readonly string[],
): Set<string> {
  const begun = recordsSinceSeal(records, id).filter(({ phase, kind }) => phase === "before" && kinds.includes(kind));
  return new Set(begun.map(({ target }) => target));
}

/** A release's records since its plan was last sealed: one that was given up or rolled back may be made anew, with the same id. */
export function recordsSinceSeal(records: readonly JournalRecord[], id: string): readonly JournalRecord[] {
  const own = records.filter(({ release }) => release === id);
  return own.slice(own.findLastIndex(({ kind }) => kind === "seal") + 1);
}

/** Whether a release began to change its registry or the repository's tags; a plan that waits has not. */
export function hasEffects(records: readonly JournalRecord[], release: Pick<JournaledRelease, "id">): boolean {
  return readBegun(records, release, effectKinds).size > 0;
}

const effectKinds = ["publish", "set-tag", "remove-tag", "unpublish", "deprecate", "git-tag"];

/** What releases that were given up may have left on the registry, by `name@version`. */
export function readAbandoned(releases: readonly JournaledRelease[]): Set<string> {
  const packages = releases.filter(({ state }) => state === "abandoned").flatMap((release) => release.packages);
  return new Set(packages.map(({ name, version }) => `${name}@${version}`));
}

function openRelease(record: JournalRecord): JournaledRelease {
  return { ...sealSchema.parse(record.data), id: record.release, sealedAt: record.time, state: "open", steps: [] };
}

function endRelease(release: JournaledRelease, record: JournalRecord): void {
  release.state = endings[record.kind as keyof typeof endings];
  release.endedAt = record.time;
  const reason = readReason(record);
  if (reason !== undefined) release.reason = reason;
  const kept = z.looseObject({ kept: z.array(z.string()) }).safeParse(record.data).data?.kept ?? [];
  if (kept.length > 0) release.kept = kept;
}

/** The reason of a rollback that began and did not end. One that was refused before it changed anything is over. */
function findOpenRollback(records: readonly JournalRecord[], { id, state }: JournaledRelease): string | undefined {
  if (state !== "released") return undefined;
  const own = records.filter(({ release }) => release === id);
  const from = own.findLastIndex(({ kind, phase }) => kind === "rollback" && phase === "before");
  const [begin, ...since] = own.slice(from === -1 ? own.length : from);
  const hasFailed = since.some(({ kind, phase }) => kind === "rollback" && phase === "failed");
  const hasChanged = since.some(({ kind }) => kind !== "rollback");
  return begin === undefined || (hasFailed && !hasChanged) ? undefined : readReason(begin);
}

function readReason({ data }: JournalRecord): string | undefined {
  return z.looseObject({ reason: z.string() }).safeParse(data).data?.reason;
}

function isEnding(kind: string): kind is keyof typeof endings {
  return Object.hasOwn(endings, kind);
}
