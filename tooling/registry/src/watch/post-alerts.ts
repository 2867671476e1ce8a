import { HxpError } from "@hxp/errors";
import type { Alert } from "./render-alerts.ts";

/** What {@link postAlerts} takes beside the alerts. */
export interface PostOptions {
  readonly fetch?: typeof globalThis.fetch;
  /** Default 10 seconds. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Posts alerts to the given address, Alertmanager's being `…/api/v2/alerts`. Anything but a 2xx answer, a redirect
 * included, is REGISTRY_UNREACHABLE: an alert that nobody got must not look sent. With no alerts nothing is sent.
 */
export async function postAlerts(url: string, alerts: readonly Alert[], options: PostOptions = {}): Promise<void> {
  const { fetch = globalThis.fetch, timeoutMs = 10_000, signal } = options;
  if (alerts.length === 0) return;
  const deadline = AbortSignal.timeout(timeoutMs);
  const { host } = new URL(url);
  let status: number;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(alerts),
      redirect: "manual",
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    });
    status = response.status;
    await response.body?.cancel();
  } catch (cause) {
    signal?.throwIfAborted();
    // The address may hold a secret, as chat webhooks do: only its host is named.
    throw new HxpError("REGISTRY_UNREACHABLE", `${alerts.length} alerts did not reach ${host}`, { cause });
  }
  if (status < 200 || status >= 300) {
    throw new HxpError("REGISTRY_UNREACHABLE", `${host} answered ${status} to ${alerts.length} alerts`);
  }
}
