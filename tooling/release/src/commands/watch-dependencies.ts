import { setTimeout as sleep } from "node:timers/promises";
import { HxpError } from "@hxp/errors";
import { importCommand, openAdvisoryDatabase } from "@hxp/release-gates";
import { type Alert, postAlerts } from "@hxp/release-registry";
import { type DependencyAlert, findAlerts } from "../dependencies/find-alerts.ts";
import { readReleasedComponents } from "../dependencies/read-released-components.ts";
import { openUpstream } from "../registry/open-upstream.ts";
import type { ReleaseContext } from "../release-context.ts";

/** What one look found. */
export interface DependencyLook {
  /** ISO 8601. */
  time: string;
  /** Dependencies that were looked at. */
  checked: number;
  /** Digest of the advisory database; undefined where none is imported, and then nothing is said of vulnerabilities. */
  advisories: string | undefined;
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
 * again until it is stopped. Returns the alerts of the last look. Throws RELEASE_UNKNOWN where nothing was released.
 */
export async function watchDependencies(
  context: ReleaseContext,
  { intervalMs, webhook, onLook }: WatchDependenciesOptions,
): Promise<DependencyAlert[]> {
  for (;;) {
    const look = await lookOnce(context);
    onLook(look);
    if (look.advisories === undefined) {
      context.progress.warn(`No advisories are imported, so none were looked for. ${importCommand}`);
    }
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
  const components = readReleasedComponents(context);
  if (components.length === 0) {
    throw new HxpError("RELEASE_UNKNOWN", "No release is in the journal whose dependencies could be watched");
  }
  const names = [...new Set(components.map(({ name }) => name))];
  const upstream = await openUpstream(context);
  await using database = await openAdvisoryDatabase(context.paths.databases);
  const foreign = [...new Set(components.filter(({ isOwn }) => !isOwn).map(({ name }) => name))];
  const packuments = await Promise.all(foreign.map(async (name) => [name, await upstream.packument(name)] as const));
  const advisories = (await database?.find(names)) ?? new Map<string, never>();
  return {
    time: new Date(context.clock()).toISOString(),
    checked: components.length,
    advisories: database?.manifest.digest,
    alerts: findAlerts(components, { advisories, packuments: new Map(packuments) }),
  };
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
