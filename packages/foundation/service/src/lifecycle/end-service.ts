import { setTimeout as sleep } from "node:timers/promises";
import { HxpError, isHxpError, toHxpError } from "@hxp/errors";
import type { LogEvents } from "../log/log-events.ts";
import type { DrainReport, DrainTimes, Service, ServiceExit } from "./service.ts";
import type { serviceEvents } from "./service-events.ts";
import type { ServiceEvent } from "./service-state.ts";

/** What the end of a service needs from its beginning. */
export interface Ending {
  reason: string;
  /** Why the start failed, if it did. */
  error: Error | undefined;
  times: DrainTimes;
  /** Settles when the start has ended, one way or the other. */
  begun: Promise<void>;
  starting: AbortController;
  draining: AbortController;
  deadline: AbortController;
  move: (event: ServiceEvent) => void;
  events: LogEvents<typeof serviceEvents>;
  service: () => Service | undefined;
  release: () => Promise<void>;
}

const nothingRan: DrainReport = { completed: 0, cut: 0, left: 0 };

/** unready → keep accepting for a while → drain → deadline → stop. Never rejects: the end has to come. */
export async function endService(ending: Ending): Promise<ServiceExit> {
  const { reason, error, times, events, move } = ending;
  const { acceptMs = 0, deadlineMs = 30_000, graceMs = 5_000 } = times;
  const failures: HxpError[] = [];
  const attempt = async <T>(what: string, run: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await run();
    } catch (thrown) {
      const failure = isHxpError(thrown) ? thrown : toHxpError(thrown);
      failures.push(failure);
      events.serviceStopFailed({ error: new Error(`${what} failed`, { cause: failure }) });
      return undefined;
    }
  };

  const wasReady = error === undefined && ending.service() !== undefined;
  move({ type: "drain", reason, deadlineMs: acceptMs + deadlineMs });
  ending.starting.abort(drainingError());
  if (error === undefined) events.serviceDraining({ reason, deadlineMs });
  if (wasReady && acceptMs > 0) await sleep(acceptMs);
  ending.draining.abort(drainingError());
  await within(
    graceMs,
    ending.begun.catch(() => {}),
  );

  const report = wasReady ? await attempt("Draining", () => drain(ending, { deadlineMs, graceMs })) : nothingRan;
  ending.deadline.abort(drainingError());
  await attempt("Stopping", () => within(graceMs, Promise.resolve(ending.service()?.stop?.()), "Stopping"));
  await attempt("Closing the probe server", ending.release);

  const last = error ?? failures[0];
  const exitCode = last === undefined ? 0 : isHxpError(last) ? last.exitCode : 1;
  const exit = { reason, exitCode, ...(report ?? nothingRan), ...(last === undefined ? {} : { error: last }) };
  move({ type: "stop", reason });
  const { completed, cut, left } = exit;
  events.serviceStopped({ reason, exitCode, completed, cut, left });
  return exit;
}

/** The reason of signals that say that the service ends. */
function drainingError(): HxpError {
  return new HxpError("SERVER_DRAINING", "The server is shutting down.");
}

async function drain(ending: Ending, times: { deadlineMs: number; graceMs: number }): Promise<DrainReport> {
  const { deadlineMs, graceMs } = times;
  const service = ending.service();
  if (service?.drain === undefined) return nothingRan;
  const timer = setTimeout(() => {
    ending.events.serviceDeadline({ deadlineMs });
    ending.deadline.abort(drainingError());
  }, deadlineMs);
  try {
    const drained = service.drain({ signal: ending.deadline.signal, deadlineMs });
    return await within(deadlineMs + graceMs, drained, "Draining");
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for a promise as long as it may take; after that it throws if it has a name, else goes on. */
async function within<T>(limitMs: number, promise: Promise<T>, name?: string): Promise<T> {
  const abort = new AbortController();
  const late = sleep(limitMs, undefined, { signal: abort.signal }).then(() => {
    if (name === undefined) return undefined as T;
    throw new HxpError("INTERNAL", `${name} took more than ${limitMs} ms.`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    abort.abort();
    late.catch(() => {});
  }
}
