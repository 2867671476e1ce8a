import type { ModelRoute } from "../model-route.ts";
import type { ProbeSettings } from "../router.ts";
import { parseEngineLoad, toHint } from "../targets/load-hint.ts";
import type { TargetEntry } from "../targets/target-entry.ts";
import { askTarget } from "./ask-target.ts";

/** What {@link watchTargets} takes. */
export interface WatchOptions {
  readonly routes: readonly ModelRoute[];
  readonly settings: ProbeSettings;
  readonly clock: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** What is remembered of a target's probes. */
interface Watched {
  readonly route: ModelRoute;
  readonly entry: TargetEntry;
  /** Whether a probe was ever answered: only then does one that is not mean something. */
  hasAnswered: boolean;
  failures: number;
  /** Milliseconds since 1970; before that, its metrics are not asked for, because it has none. */
  metricsAfter: number;
}

/** Probes at the same time. */
const lanes = 4;
const failuresUntilDead = 2;
const withoutMetrics = 300_000;

/**
 * Looks after targets until it is aborted. One that no request has been served by lately is asked whether it is there; all
 * that stand beside others are asked for their load. Rounds do not overlap, and nothing here keeps a process alive.
 */
export function watchTargets(options: WatchOptions, signal: AbortSignal): void {
  const { settings, random } = options;
  const watched = options.routes.flatMap((route) =>
    route.pool.entries.map((entry) => ({ route, entry, hasAnswered: false, failures: 0, metricsAfter: 0 })),
  );
  let timer: NodeJS.Timeout | undefined;
  const schedule = (): void => {
    const delay = settings.interval * (0.9 + 0.2 * random());
    timer = setTimeout(() => void round(), delay).unref();
  };
  const round = async (): Promise<void> => {
    await probeAll(watched, options, signal);
    if (!signal.aborted) schedule();
  };
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  schedule();
}

async function probeAll(watched: readonly Watched[], options: WatchOptions, signal: AbortSignal): Promise<void> {
  const rest = watched.values();
  const lane = async (): Promise<void> => {
    for (const each of rest) {
      if (signal.aborted) return;
      await probe(each, options, signal);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

async function probe(watched: Watched, options: WatchOptions, signal: AbortSignal): Promise<void> {
  const { entry, route } = watched;
  const { settings, clock } = options;
  if (clock() - entry.servedAt > settings.interval) await checkHealth(watched, settings, signal);
  if (settings.metrics && route.pool.entries.length > 1 && clock() >= watched.metricsAfter) {
    await readLoad(watched, options, signal);
  }
}

async function checkHealth(watched: Watched, { timeout }: ProbeSettings, signal: AbortSignal): Promise<void> {
  const { entry, route } = watched;
  const { target } = entry;
  const answer = await askTarget({ target, path: `${target.basePath}/models`, timeout, signal });
  if (signal.aborted) return;
  if (answer !== undefined && answer.status < 500) {
    watched.hasAnswered = true;
    watched.failures = 0;
    return;
  }
  watched.failures += 1;
  if (!watched.hasAnswered || watched.failures < failuresUntilDead) return;
  route.pool.reportDead(entry);
  route.pump();
}

async function readLoad(watched: Watched, { settings, clock }: WatchOptions, signal: AbortSignal): Promise<void> {
  const { entry } = watched;
  const before = entry.inFlight;
  const answer = await askTarget({ target: entry.target, path: "/metrics", timeout: settings.timeout, signal });
  const load = answer?.status === 200 ? parseEngineLoad(answer.text) : undefined;
  if (load !== undefined) entry.hint = toHint(load, { inFlight: Math.max(before, entry.inFlight), at: clock() });
  else if (answer !== undefined && answer.status < 500) watched.metricsAfter = clock() + withoutMetrics;
}
