import type { Instruments, LogEvents } from "@hxp/service";
import type { gatewayLogEvents } from "../catalogue/log-events.ts";
import type { gatewayMetrics } from "../catalogue/metrics.ts";
import type { ForwardHooks, LeaseSource } from "../forward/forward-context.ts";
import type { Router, RouterEvent } from "../route/router.ts";

type GatewayInstruments = Instruments<typeof gatewayMetrics>;

/** What forwarding tells metrics. */
export function createForwardHooks(metrics: GatewayInstruments): ForwardHooks {
  return {
    onAttempt: ({ target, result }) => metrics.attempts.add({ target, result: result.type }),
    onRetry: ({ error }) => metrics.retries.add({ code: error.code }),
    onCancelled: ({ phase, ms }) => metrics.cancelPropagation.observe({ phase }, ms / 1000),
  };
}

const stateNumbers = { closed: 0, "half-open": 1, open: 2 } as const;

/** What the router tells metrics and the log. */
export function createRouterListener(
  metrics: GatewayInstruments,
  log: LogEvents<typeof gatewayLogEvents>,
): (event: RouterEvent) => void {
  return (event) => {
    if (event.type !== "target.state") return;
    const { target, state, why } = event;
    metrics.targetState.set({ target }, stateNumbers[state]);
    log.targetState({ target, state, why });
  };
}

/** A router whose waits are measured. A request that does not wait costs nothing. */
export function measureWaits(router: Router, metrics: GatewayInstruments): LeaseSource {
  return {
    fallbacksOf: (model) => router.fallbacksOf(model),
    acquire: (request) => {
      let queuedAt: number | undefined;
      const onQueued = (): void => {
        queuedAt = performance.now();
        request.onQueued?.();
      };
      const lease = router.acquire({ ...request, onQueued });
      if (queuedAt === undefined) return lease;
      const since = queuedAt;
      return lease.finally(() => {
        metrics.queueWait.observe({ model: request.model }, (performance.now() - since) / 1000);
      });
    },
  };
}

/** Has the gauges of the router read when metrics are. */
export function readRouterGauges(router: Router, metrics: GatewayInstruments): void {
  for (const model of router.models()) {
    metrics.waiting.read({ model }, () => {
      const { interactive = 0, default: usual = 0, bulk = 0 } = router.snapshot()[model]?.waiting ?? {};
      return interactive + usual + bulk;
    });
  }
  for (const { targets } of Object.values(router.snapshot())) {
    for (const { id, state } of targets) metrics.targetState.set({ target: id }, stateNumbers[state]);
  }
}
