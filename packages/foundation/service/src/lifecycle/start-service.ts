import { HxpError, isHxpError, toHxpError } from "@hxp/errors";
import { createLogger, type Logger } from "../log/create-logger.ts";
import { bindLogEvents, type LogEvents } from "../log/log-events.ts";
import { createMetrics, type Instruments, type Metrics } from "../metrics/create-metrics.ts";
import { type ProbeAddress, type ProbeServer, startProbeServer } from "../probe/probe-server.ts";
import { endService } from "./end-service.ts";
import type { DrainTimes, Service, ServiceExit, StartContext } from "./service.ts";
import { serviceEvents, serviceMetrics } from "./service-events.ts";
import { beginState, nextState, reportState, type ServiceEvent, stages, type ServiceState } from "./service-state.ts";
import { type ProgressWatch, watchProgress } from "./watch-progress.ts";

/** What {@link startService} takes. */
export interface ServiceOptions {
  name: string;
  version: string;
  /** Starts the server; what it returns is proved, drained and stopped. */
  start: (context: StartContext) => Promise<Service>;
  /** Where /livez, /readyz, /startupz and /metrics are served. Default: nowhere. */
  probe?: ProbeAddress | undefined;
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
  /** Called once, when everything has ended: why, how the requests of the drain ended, and the error, if there was one. */
  onStopped?: (exit: ServiceExit) => void;
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
  return new ServiceLife(options);
}

class ServiceLife implements ServiceHandle {
  readonly ready: Promise<void>;
  readonly #options: ServiceOptions;
  readonly #clock: () => number;
  readonly #log: Logger;
  readonly #metrics: Metrics;
  readonly #gauges: Instruments<typeof serviceMetrics>;
  readonly #events: LogEvents<typeof serviceEvents>;
  readonly #progress: ProgressWatch;
  readonly #signals = {
    starting: new AbortController(),
    draining: new AbortController(),
    deadline: new AbortController(),
  };
  readonly #begun: Promise<void>;
  readonly #stopped = Promise.withResolvers<ServiceExit>();
  #isEnding = false;
  #state: ServiceState;
  #service: Service | undefined;
  #probe: ProbeServer | undefined;

  constructor(options: ServiceOptions) {
    const { name, version, clock = Date.now, metrics = createMetrics(), stuckAfterMs = 120_000 } = options;
    this.#options = options;
    this.#clock = clock;
    this.#log = options.log ?? createLogger({ service: name, version, clock });
    this.#metrics = metrics;
    this.#gauges = metrics.register(serviceMetrics);
    this.#events = bindLogEvents(serviceEvents, this.#log);
    this.#state = beginState(clock());
    this.#gauges.info.set({ service: name, version }, 1);
    this.#showStage();
    this.#progress = watchProgress({
      read: () => this.#service?.progress?.(),
      stuckAfterMs,
      clock,
      onStuck: (pending) => this.#events.serviceStuck({ pending }),
    });
    this.#begun = this.#begin();
    this.ready = this.#begun.catch((thrown: unknown) => this.#fail(thrown));
    // Whoever does not wait for `ready` learns of a failure by `stopped`.
    this.ready.catch(() => {});
  }

  get stopped(): Promise<ServiceExit> {
    return this.#stopped.promise;
  }

  state(): ServiceState {
    return this.#state;
  }

  whyUnready(): string | undefined {
    const { stage, phase } = this.#state;
    return stage === "ready" ? this.#service?.whyUnready?.() : `${stage}: ${phase}`;
  }

  isStuck(): boolean {
    return this.#progress.isStuck();
  }

  probe(): ProbeServer | undefined {
    return this.#probe;
  }

  drain(reason: string): Promise<ServiceExit> {
    this.#end(reason);
    return this.stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain("left its scope");
  }

  async #begin(): Promise<void> {
    const { start, probe } = this.#options;
    const { signal } = this.#signals.starting;
    this.#events.serviceStarting({});
    if (probe !== undefined) {
      this.#probe = await startProbeServer(probe, {
        report: () => reportState(this.#state, this.#clock()),
        whyUnready: () => this.whyUnready(),
        isStuck: () => this.isStuck(),
        metrics: this.#metrics,
      });
    }
    signal.throwIfAborted();
    this.#service = await start(this.#startContext());
    if (this.#state.stage === "stopped") await this.#service.stop?.();
    signal.throwIfAborted();
    this.#report({ phase: "proving" });
    await this.#service.prove?.(signal);
    signal.throwIfAborted();
    this.#move({ type: "proved" });
    const tookMs = this.#state.stageAt - this.#state.startedAt;
    this.#gauges.startSeconds.set({}, tookMs / 1_000);
    this.#events.serviceReady({ tookMs });
  }

  #startContext(): StartContext {
    const { starting, draining, deadline } = this.#signals;
    return {
      phase: (phase, remainingMs, { log = true } = {}) => this.#report({ phase, remainingMs }, log),
      signal: starting.signal,
      draining: draining.signal,
      deadline: deadline.signal,
      log: this.#log,
      metrics: this.#metrics,
    };
  }

  #report(report: { phase: string; remainingMs?: number | undefined }, isLogged = true): void {
    if (isLogged && report.phase !== this.#state.phase) this.#events.servicePhase(report);
    this.#move({ type: "phase", ...report });
  }

  #fail(thrown: unknown): never {
    const error = toStartError(this.#options.name, thrown);
    if (!this.#isEnding) {
      this.#events.serviceStartFailed({ error });
      this.#end("start failed", error);
    }
    throw error;
  }

  #end(reason: string, error?: HxpError): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    const ending = endService({
      reason,
      error,
      times: this.#options.drain ?? {},
      signals: this.#signals,
      begun: this.#begun,
      events: this.#events,
      move: (event) => this.#move(event),
      service: () => this.#service,
      release: async () => {
        this.#progress.stop();
        await this.#probe?.close();
      },
    });
    void ending.then((exit) => {
      this.#stopped.resolve(exit);
      return this.#options.onStopped?.(exit);
    });
  }

  #move(event: ServiceEvent): void {
    const before = this.#state;
    this.#state = nextState(before, event, this.#clock());
    if (this.#state === before) return;
    this.#showStage();
    this.#options.onState?.(this.#state);
  }

  #showStage(): void {
    for (const stage of stages) this.#gauges.stage.set({ stage }, stage === this.#state.stage ? 1 : 0);
  }
}

function toStartError(name: string, thrown: unknown): HxpError {
  if (isHxpError(thrown)) return thrown;
  const error = toHxpError(thrown);
  if (error.code !== "INTERNAL") return error;
  return new HxpError("SERVICE_START_FAILED", `${name} could not start: ${error.message}`, { cause: thrown });
}
