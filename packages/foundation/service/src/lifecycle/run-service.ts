import { bindLogEvents } from "../log/log-events.ts";
import { createLogger } from "../log/create-logger.ts";
import { notificationOf } from "../notify/follow-service.ts";
import { createNotifier, type Notifier } from "../notify/notifier.ts";
import { defaultDrainTimes } from "./end-service.ts";
import { serviceEvents } from "./service-events.ts";
import { type ServiceHandle, type ServiceOptions, startService } from "./start-service.ts";

/** What {@link runService} takes beside the service. */
export interface RunOptions extends ServiceOptions {
  /** Default: what the environment asks for, such as NOTIFY_SOCKET of systemd. */
  notifier?: Notifier;
  /** Where signals come from and how the process ends. Default: this process. */
  process?: Pick<NodeJS.Process, "on" | "off" | "exit">;
}

const secondSignalExit = { SIGTERM: 143, SIGINT: 130 } as const;
const signals = ["SIGTERM", "SIGINT"] as const;

/**
 * Runs a service as this whole process: starts it, drains it on SIGTERM and SIGINT, and tells the service manager how it goes. A
 * second signal ends the process at once, with 143 or 130. Resolves with the exit code, for `process.exitCode`; never rejects.
 */
export async function runService(options: RunOptions): Promise<number> {
  const owner = options.process ?? process;
  const log = options.log ?? createLogger({ service: options.name, version: options.version });
  const events = bindLogEvents(serviceEvents, log);
  const notifier = options.notifier ?? createNotifier({ onError: (error) => events.notifyFailed({ error }) });
  const graceMs = options.drain?.graceMs ?? defaultDrainTimes.graceMs;

  const handle = startService({
    ...options,
    log,
    onState: (state) => {
      notifier.notify(notificationOf(state, graceMs));
      options.onState?.(state);
    },
  });
  let isEnding = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isEnding) owner.exit(secondSignalExit[signal === "SIGINT" ? "SIGINT" : "SIGTERM"]);
    isEnding = true;
    void handle.drain(signal);
  };
  for (const signal of signals) owner.on(signal, onSignal);
  const stopBeats = beat(handle, notifier);
  // Nothing else may hold the process while it starts or stops.
  const hold = setInterval(() => {}, 60_000);
  try {
    const { exitCode } = await handle.stopped;
    await notifier.flush();
    return exitCode;
  } finally {
    clearInterval(hold);
    stopBeats();
    for (const signal of signals) owner.off(signal, onSignal);
  }
}

/** Signs of life: only when the event loop turns, which is when the timer runs, and work that is pending gets done. */
function beat(handle: ServiceHandle, notifier: Notifier): () => void {
  if (notifier.watchdogMs === undefined) return () => {};
  const timer = setInterval(() => {
    if (!handle.isStuck()) notifier.notify({ watchdog: true });
  }, notifier.watchdogMs / 3);
  timer.unref();
  return () => clearInterval(timer);
}
