import { setTimeout as sleep } from "node:timers/promises";
import {
  compareDistribution,
  type Difference,
  postAlerts,
  readRegistryState,
  renderAlerts,
} from "@hxp/release-registry";
import { expectedDistribution, readRunningReleases } from "../journal/expected-distribution.ts";
import { readJournal } from "../journal/journal.ts";
import { openRegistry } from "../registry/open-registry.ts";
import type { ReleaseContext } from "../release-context.ts";

/** What {@link watch} takes. */
export interface WatchOptions {
  /** Pause between two looks; undefined: look once. */
  intervalMs: number | undefined;
  /** Where alerts go (Alertmanager's `/api/v2/alerts`). */
  webhook: string | undefined;
  /** Called after each look. */
  onLook: (look: { time: string; checked: number; differences: Difference[] }) => void;
}

/**
 * `pnpm release watch`: compares the registry with the journal, once or again and again until it is stopped. A registry
 * that cannot be read ends it with its error, since nothing can be said then.
 *
 * @returns the differences of the last look
 */
export async function watch(
  context: ReleaseContext,
  { intervalMs, webhook, onLook }: WatchOptions,
): Promise<Difference[]> {
  const registry = await openRegistry(context);
  for (;;) {
    const records = readJournal(context.paths.journal);
    const expected = expectedDistribution(records, registry.identity);
    const state = await readRegistryState(registry.client, Object.keys(expected));
    const differences = compareDistribution(expected, state, readRunningReleases(records, registry.identity));
    const time = new Date(context.clock()).toISOString();
    onLook({ time, checked: Object.keys(expected).length, differences });
    if (webhook !== undefined) {
      const standsMs = intervalMs === undefined ? {} : { standsMs: intervalMs * 3 };
      await postAlerts(
        webhook,
        renderAlerts(differences, { registry: registry.url, clock: context.clock, ...standsMs }),
      );
    }
    if (intervalMs === undefined || (differences.length > 0 && webhook === undefined)) return differences;
    try {
      await sleep(intervalMs, undefined, context.signal === undefined ? {} : { signal: context.signal });
    } catch {
      return differences;
    }
  }
}
