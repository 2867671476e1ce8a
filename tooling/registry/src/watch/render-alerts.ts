import type { Difference, DifferenceKind } from "./compare-distribution.ts";

/** An alert as Alertmanager's API v2 takes it. */
export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly startsAt: string;
  /** ISO 8601; Alertmanager resolves the alert then, unless it is sent again. */
  readonly endsAt?: string;
}

/** What {@link renderAlerts} takes beside the differences. */
export interface AlertOptions {
  /** The registry's URL, as a label. */
  readonly registry: string;
  readonly clock?: () => number;
  /** How long an alert stands when it is not sent again; default: as long as Alertmanager is set to. */
  readonly standsMs?: number;
}

const criticalKinds: readonly DifferenceKind[] = ["digest-changed", "tag-moved", "version-unknown"];

/**
 * Renders differences as Alertmanager v2 JSON. The labels name the difference and not what was found, so the same
 * difference stays one alert from look to look.
 */
export function renderAlerts(differences: readonly Difference[], options: AlertOptions): Alert[] {
  const { registry, clock = Date.now, standsMs } = options;
  const now = clock();
  return differences.map((difference) => {
    const { kind, version, tag, expected, found, meaning, fix } = difference;
    const target = `${difference.package}${version === undefined ? "" : `@${version}`}${tag === undefined ? "" : `:${tag}`}`;
    return {
      labels: {
        alertname: "HxpDistributionChanged",
        severity: criticalKinds.includes(kind) ? "critical" : "warning",
        kind,
        registry,
        package: difference.package,
        ...(version === undefined ? {} : { version }),
        ...(tag === undefined ? {} : { tag }),
      },
      annotations: {
        summary: `${kind} ${target}: expected ${expected ?? "nothing"}, found ${found ?? "nothing"}`,
        description: meaning,
        runbook: fix,
      },
      startsAt: new Date(now).toISOString(),
      ...(standsMs === undefined ? {} : { endsAt: new Date(now + standsMs).toISOString() }),
    };
  });
}
