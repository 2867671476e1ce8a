import type { AttemptResult, Lease } from "../../pipeline.ts";
import { createRouter } from "../create-router.ts";
import type { AcquireRequest, RoutedTarget, RouterEvent, RouterOptions } from "../router.ts";

export const ok: AttemptResult = { type: "ok", firstByteMs: 1 };
export const fault: AttemptResult = { type: "fault", kind: "reset" };

/** A router with one model `guide`, for tests; its random numbers are all one half: no jitter. */
export function makeRouter(targets: readonly RoutedTarget[], options: Partial<RouterOptions> = {}) {
  const events: RouterEvent[] = [];
  const router = createRouter({
    models: { guide: { targets } },
    random: () => 0.5,
    onEvent: (event) => events.push(event),
    ...options,
  });
  const acquire = (values: Partial<AcquireRequest> = {}): Promise<Lease> => router.acquire(makeRequest(values));
  const model = () => {
    const { guide } = router.snapshot();
    if (guide === undefined) throw new Error("There is no model guide");
    return guide;
  };
  return { router, events, acquire, model };
}

/** A request of an ordinary tenant. */
export function makeRequest(values: Partial<AcquireRequest> = {}): AcquireRequest {
  return {
    model: "guide",
    priority: "default",
    tenant: "tenant",
    tokens: 100,
    exclude: new Set(),
    signal: new AbortController().signal,
    ...values,
  };
}
