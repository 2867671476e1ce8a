import { setTimeout as sleep } from "node:timers/promises";
import { HxpError, toHxpError } from "@hxp/errors";
import type { LogEvents } from "../log/log-events.ts";
import type { DrainReport, DrainTimes, Service, ServiceExit } from "./service.ts";
import type { serviceEvents } from "./service-events.ts";
import type { ServiceEvent } from "./service-state.ts";

/** What the end of a service needs from its beginning. */
export interface Ending {
  reason: string;
  /** Why the start failed, if it did. */
  error: HxpError | undefined;
  times: DrainTimes;
  signals: Readonly<Record<"starting" | "draining" | "deadline", AbortController>>;
  /** Settles when the start has ended, one way or the other. */
  begun: Promise<void>;
  events: LogEvents<typeof serviceEvents>;
  move: (event: ServiceEvent) => void;
  service: () => Service | undefined;
  release: () => Promise<void>;
}

/** How long the stages of the end may take, in milliseconds, where nothing else is said. */
export const defaultDrainTimes = { acceptMs: 0, deadlineMs: 30_000, graceMs: 5_000 } as const;

const nothingRan: DrainReport = { completed: 0, cut: 0, left: 0 };

/** unready → keep accepting for a while → drain → deadline → stop. Never rejects: the end has to come. */
export async function endService(ending: Ending): Promise<ServiceExit> {
  const { reason, error, events, move, signals } = ending;
  const { acceptMs, deadlineMs, graceMs } = { ...defaultDrainTimes, ...ending.times };
  const failures: HxpError[] = error === undefined ? [] : [error];
  const attempt = async (what: string, run: () => Promise<void>): Promise<void> => {
    try {
      await run();
    } catch (thrown) {
      failures.push(toHxpError(thrown));
      events.serviceStopFailed({ error: new Error(`${what} failed`, { cause: thrown }) });
    }
  };

  const wasServing = error === undefined && ending.service() !== undefined;
  move({ type: "drain", reason, deadlineMs: acceptMs + deadlineMs });
  if (error === undefined) events.serviceDraining({ reason, deadlineMs });
  signals.starting.abort(drainingError());
  if (wasServing) await sleep(acceptMs);
  signals.draining.abort(drainingError());
  // A start that does not heed its signal is left alone after a while.
  await within(graceMs, "Starting", ending.begun).catch(() => {});

  let report = nothingRan;
  await attempt("Draining", async () => {
    report = await drain(ending, { deadlineMs, graceMs });
  });
  signals.deadline.abort(drainingError());
  await attempt("Stopping", () => within(graceMs, "Stopping", Promise.resolve(ending.service()?.stop?.())));
  // From here on, a service that comes late is stopped by its start.
  move({ type: "stop", reason });
  await attempt("Closing the probe server", () => ending.release());

  const [first] = failures;
  const exitCode = first?.exitCode ?? 0;
  const { completed, cut, left } = report;
  events.serviceStopped({ reason, exitCode, completed, cut, left });
  return { reason, exitCode, completed, cut, left, ...(first === undefined ? {} : { error: first }) };
}

/** The reason of signals that say that the service ends. */
function drainingError(): HxpError {
  return new HxpError("SERVER_DRAINING", "The server is shutting down.");
}

async function drain(ending: Ending, times: { deadlineMs: number; graceMs: number }): Promise<DrainReport> {
  const { deadlineMs, graceMs } = times;
  const { deadline } = ending.signals;
  const service = ending.service();
  if (service?.drain === undefined) return nothingRan;
  const timer = setTimeout(() => {
    ending.events.serviceDeadline({ deadlineMs });
    deadline.abort(drainingError());
  }, deadlineMs);
  try {
    return await within(deadlineMs + graceMs, "Draining", service.drain({ signal: deadline.signal, deadlineMs }));
  } finally {
    clearTimeout(timer);
  }
}

async function within<T>(limitMs: number, what: string, promise: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = async (): Promise<never> => {
    await sleep(limitMs, undefined, { signal: timer.signal });
    throw new HxpError("INTERNAL", `${what} took more than ${limitMs} ms.`);
  };
  try {
    const tooLate = late();
    tooLate.catch(() => {});
    return await Promise.race([promise, tooLate]);
  } finally {
    timer.abort();
  }
}
