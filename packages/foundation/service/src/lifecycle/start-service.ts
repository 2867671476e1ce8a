import { HxpError, isHxpError, toHxpError } from "@hxp/errors";
import { createLogger, type Logger } from "../log/create-logger.ts";
import { bindLogEvents } from "../log/log-events.ts";
import { createMetrics, type Metrics } from "../metrics/create-metrics.ts";
import { type ProbeAddress, type ProbeServer, startProbeServer } from "../probe/probe-server.ts";
import { endService } from "./end-service.ts";
import { watchProgress } from "./watch-progress.ts";
import type { DrainTimes, Service, ServiceExit, StartContext } from "./service.ts";
import { serviceEvents, serviceMetrics } from "./service-events.ts";
import { beginState, nextState, reportState, type ServiceEvent, type ServiceState } from "./service-state.ts";

/** What {@link startService} takes. */
export interface ServiceOptions {
  name: string;
  version: string;
  /** Starts the server; what it returns is proved, drained and stopped. */
  start: (context: StartContext) => Promise<Service>;
  /** Where /livez, /readyz, /startupz and /metrics are served. Default: nowhere. */
  probe?: ProbeAddress;
  drain?: DrainTimes;
  /** How long pending work may make no progress before the service counts as stuck, in milliseconds. Default 120,000. */
  stuckAfterMs?: number;
  /** Default: JSON lines on stdout. */
  log?: Logger;
  metrics?: Metrics;
  /** Milliseconds since 1970. */
  clock?: () => number;
  /** Called after each change of state. */
  onState?: (state: ServiceState) => void;
}

/** A service in this process. Leaving its scope (`await using`) drains it. */
export interface ServiceHandle extends AsyncDisposable {
  /** Resolves when it has answered its first request; rejects when the start failed or was stopped. */
  readonly ready: Promise<void>;
  /** Resolves, and never rejects, when everything has ended. */
  readonly stopped: Promise<ServiceExit>;
  state(): ServiceState;
  /** Why it would not count as ready now; undefined when it would. */
  whyUnready(): string | undefined;
  /** Whether pending work has made no progress for too long. */
  isStuck(): boolean;
  /** Where the probe server listens, once it does. */
  probe(): ProbeServer | undefined;
  /** Ends the service, once, whatever stage it is in. */
  drain(reason: string): Promise<ServiceExit>;
}

/**
 * Starts a service inside this process, without touching the process: no signal handlers, no exit. {@link runService} does
 * that. Returns at once; `ready` and `stopped` tell the rest.
 */
export function startService(options: ServiceOptions): ServiceHandle {
  const { clock = Date.now, metrics = createMetrics() } = options;
  const log = options.log ?? createLogger({ service: options.name, version: options.version, clock });
  const events = bindLogEvents(serviceEvents, log);
  const gauges = metrics.register(serviceMetrics);
  gauges.info.set({ service: options.name, version: options.version }, 1);

  let state = beginState(clock());
  const showStage = (): void => {
    for (const stage of ["starting", "ready", "draining", "stopped"] as const) {
      gauges.stage.set({ stage }, state.stage === stage ? 1 : 0);
    }
  };
  const move = (event: ServiceEvent): void => {
    const before = state;
    state = nextState(state, event, clock());
    if (state === before) return;
    showStage();
    options.onState?.(state);
  };
  showStage();

  const [starting, draining, deadline] = [new AbortController(), new AbortController(), new AbortController()];
  let service: Service | undefined;
  let probe: ProbeServer | undefined;
  const progress = watchProgress({
    read: () => service?.progress?.(),
    stuckAfterMs: options.stuckAfterMs ?? 120_000,
    clock,
    onStuck: (pending) => events.serviceStuck({ pending }),
  });
  const whyUnready = (): string | undefined =>
    state.stage === "ready" ? service?.whyUnready?.() : `${state.stage}: ${state.phase}`;

  const begin = async (): Promise<void> => {
    events.serviceStarting({});
    if (options.probe !== undefined) {
      const report = () => reportState(state, clock());
      probe = await startProbeServer(options.probe, { report, whyUnready, isStuck: progress.isStuck, metrics });
    }
    starting.signal.throwIfAborted();
    service = await options.start({
      phase: (phase, remainingMs) => {
        if (phase !== state.phase) events.servicePhase({ phase, remainingMs });
        move({ type: "phase", phase, remainingMs });
      },
      signal: starting.signal,
      draining: draining.signal,
      deadline: deadline.signal,
      log,
      metrics,
    });
    starting.signal.throwIfAborted();
    move({ type: "phase", phase: "proving" });
    await service.prove?.(starting.signal);
    starting.signal.throwIfAborted();
    move({ type: "proved" });
    const tookMs = state.stageAt - state.startedAt;
    gauges.startSeconds.set({}, tookMs / 1_000);
    events.serviceReady({ tookMs });
  };

  const begun = begin();
  const stopped = Promise.withResolvers<ServiceExit>();
  let ending: Promise<void> | undefined;
  const end = (reason: string, error?: Error): Promise<ServiceExit> => {
    ending ??= endService({
      reason,
      error,
      times: options.drain ?? {},
      begun,
      starting,
      draining,
      deadline,
      move,
      events,
      service: () => service,
      release: async () => {
        progress.stop();
        await probe?.close();
      },
    }).then(stopped.resolve);
    return stopped.promise;
  };
  const ready = begun.catch((thrown: unknown) => {
    const error = toStartError(options.name, thrown);
    if (ending === undefined) {
      events.serviceStartFailed({ error });
      void end("start failed", error);
    }
    throw error;
  });
  ready.catch(() => {});

  return {
    ready,
    stopped: stopped.promise,
    state: () => state,
    whyUnready,
    isStuck: progress.isStuck,
    probe: () => probe,
    drain: (reason) => end(reason),
    [Symbol.asyncDispose]: async () => {
      await end("left its scope");
    },
  };
}

function toStartError(name: string, thrown: unknown): HxpError {
  if (isHxpError(thrown)) return thrown;
  const { message, code } = toHxpError(thrown);
  if (code !== "INTERNAL") return toHxpError(thrown);
  return new HxpError("SERVICE_START_FAILED", `${name} could not start: ${message}`, { cause: thrown });
}
