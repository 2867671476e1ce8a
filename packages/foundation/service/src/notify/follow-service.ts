import type { ServiceState } from "../lifecycle/service-state.ts";
import type { Notification } from "./notifier.ts";

/** Least time that a report of progress asks for, in milliseconds. */
const leastExtensionMs = 30_000;

/** What the service manager is told about a new state: each report of progress asks for time, and silence for none. */
export function notificationOf(state: ServiceState, graceMs: number): Notification {
  const status = `${state.stage}: ${state.phase}`;
  const remainingMs = state.expectedAt === undefined ? 0 : state.expectedAt - state.phaseAt;
  switch (state.stage) {
    case "starting":
      return { status, extendMs: Math.max(leastExtensionMs, 2 * remainingMs) };
    case "ready":
      return { ready: true, status };
    case "draining":
      return { stopping: true, status, extendMs: remainingMs + 2 * graceMs + leastExtensionMs };
    case "stopped":
    default:
      return { status };
  }
}
