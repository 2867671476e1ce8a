import type { BreakerSettings, ProbeSettings, QueueSettings } from "./router.ts";

/** The queue's settings, what is not given by default. */
export function queueSettings(given: Partial<QueueSettings> = {}): QueueSettings {
  const { size = 1000, wait = 60_000, weights = { interactive: 8, default: 4, bulk: 1 } } = given;
  return { size, wait, weights, sizePerTenant: given.sizePerTenant ?? Math.ceil(size / 2) };
}

/** The breaker's settings, what is not given by default. */
export function breakerSettings(given: Partial<BreakerSettings> = {}): BreakerSettings {
  return {
    failures: 5,
    window: 30_000,
    open: 10_000,
    maxOpen: 300_000,
    faultRatio: 0.5,
    minimumAttempts: 20,
    maxOpenShare: 0.5,
    trials: 1,
    trialSuccesses: 2,
    busy: 1000,
    ...given,
  };
}

/** The probes' settings, what is not given by default; undefined: there are none. */
export function probeSettings(given: Partial<ProbeSettings> | undefined): ProbeSettings | undefined {
  if (given === undefined || given.interval === 0) return undefined;
  return { interval: 5000, timeout: 2000, metrics: true, hintHalfLife: 3000, ...given };
}
