import { setTimeout as sleep } from "node:timers/promises";
import { HxpError } from "@hxp/errors";
import {
  type AdvisoryDatabase,
  findMatches,
  importCommand,
  type JsonObject,
  observeSnapshot,
  openAdvisoryDatabase,
  readStatements,
  type SnapshotLimits,
} from "@hxp/release-gates";
import { type Alert, postAlerts } from "@hxp/release-registry";
import { type DependencyAlert, findAlerts } from "../dependencies/find-alerts.ts";
import { readReleased } from "../dependencies/read-released.ts";
import { openUpstream } from "../registry/open-upstream.ts";
import type { ReleaseContext } from "../release-context.ts";

/** What one look found. */
export interface DependencyLook {
  /** ISO 8601. */
  time: string;
  /** Released packages and dependencies that were looked at. */
  checked: number;
  /** Digest of the advisory database; undefined where none is imported, and then nothing is said of vulnerabilities. */
  advisories: string | undefined;
  /** What the look could not know: an old or small database, VEX documents that cannot be read. */
  problems: string[];
  alerts: DependencyAlert[];
}

/** What {@link watchDependencies} takes. */
export interface WatchDependenciesOptions {
  /** Pause between two looks; undefined: look once. */
  intervalMs: number | undefined;
  /** Where alerts go (Alertmanager's `/api/v2/alerts`). */
  webhook: string | undefined;
  onLook: (look: DependencyLook) => void;
}

/**
 * `pnpm deps watch`: compares what consumers of the newest releases install with what is known now, once or again and
 * again until it is stopped. Returns the alerts of the last look. Throws RELEASE_UNKNOWN where nothing was released, and
 * the signal's reason in the middle of a look.
 */
export async function watchDependencies(
  context: ReleaseContext,
  { intervalMs, webhook, onLook }: WatchDependenciesOptions,
): Promise<DependencyAlert[]> {
  for (;;) {
    const look = await lookOnce(context);
    onLook(look);
    for (const problem of look.problems) context.progress.warn(problem);
    if (webhook !== undefined) await postAlerts(webhook, toAlerts(look.alerts, { context, intervalMs }));
    if (intervalMs === undefined || (look.alerts.length > 0 && webhook === undefined)) return look.alerts;
    try {
      await sleep(intervalMs, undefined, context.signal === undefined ? {} : { signal: context.signal });
    } catch {
      return look.alerts;
    }
  }
}

async function lookOnce(context: ReleaseContext): Promise<DependencyLook> {
  const { components, closures } = readReleased(context);
  if (closures.length === 0) {
    throw new HxpError("RELEASE_UNKNOWN", "No release is in the journal whose dependencies could be watched");
  }
  const names = [...new Set(components.map(({ name }) => name))];
  const now = new Date(context.clock());
  const upstream = await openUpstream(context);
  // One that the registry does not give is said to be unknown; the others are looked at all the same.
  const ask = (name: string): Promise<JsonObject | Error | undefined> =>
    upstream.packument(name).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  await using database = await openAdvisoryDatabase(context.paths.databases);
  const foreign = [...new Set(components.filter(({ isOwn }) => !isOwn).map(({ name }) => name))];
  const packuments = await Promise.all(foreign.map(async (name) => [name, await ask(name)] as const));
  // What was not asked because of a stop is not unknown.
  context.signal?.throwIfAborted();
  const advisories = (await database?.find(names)) ?? new Map<string, never>();
  const policy = context.config.policy.advisories;
  const { statements, problems } = await readStatements(context.workspace, policy.vex);
  const matches = findMatches(closures, advisories);
  return {
    time: now.toISOString(),
    checked: components.length,
    advisories: database?.manifest.digest,
    problems: [
      ...judgeDatabase(database, { policy, now }),
      ...problems.map(({ where, message }) => `A VEX document answers nothing: ${where}: ${message}`),
    ],
    alerts: findAlerts(components, { matches, statements, packuments: new Map(packuments), now }),
  };
}

/** What the gate `advisories` has to say of the database. */
function judgeDatabase(
  database: AdvisoryDatabase | undefined,
  limits: Pick<SnapshotLimits, "policy" | "now">,
): string[] {
  if (database === undefined) return [`No advisories are imported, so none were looked for. ${importCommand}`];
  const observations = observeSnapshot(database.manifest, { ...limits, hasRegistry: false });
  return observations.map(({ message, why, fix }) => `${message} ${why} ${fix}`);
}

/** The labels name the fact and not the look, so that it stays one alert from look to look. */
function toAlerts(
  alerts: readonly DependencyAlert[],
  { context, intervalMs }: { context: ReleaseContext; intervalMs: number | undefined },
): Alert[] {
  const now = context.clock();
  return alerts.map(({ kind, severity, dependency, subject, usedBy, message, fix }) => ({
    labels: { alertname: "HxpDependencyChanged", severity, kind, dependency, subject },
    annotations: { summary: `${dependency}: ${message}`, description: `Part of ${usedBy.join(", ")}.`, runbook: fix },
    startsAt: new Date(now).toISOString(),
    ...(intervalMs === undefined ? {} : { endsAt: new Date(now + intervalMs * 3).toISOString() }),
  }));
}
