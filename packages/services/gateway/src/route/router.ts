import type { KeyRecord } from "@hxp/schema-storage";
import type { Lease, Target } from "../pipeline.ts";

/** Classes of requests that wait: of the weights that they have in the queue. */
export type Priority = KeyRecord["priority"];

/** A target and how much it takes. */
export interface RoutedTarget extends Target {
  /** Requests that it gets at the same time. */
  readonly maxConcurrency: number;
  /** Its share of the load, against other targets of the model; default 1. */
  readonly weight?: number | undefined;
}

/** A model and who answers for it. */
export interface RoutedModel {
  readonly targets: readonly RoutedTarget[];
  /** Names of models that answer when none of the targets can. */
  readonly fallbacks?: readonly string[] | undefined;
}

/** Bounds of the queue that every model has. Durations are milliseconds; the first two are the keys of the gateway's schema. */
export interface QueueSettings {
  /** Requests that wait for one model at most; 0: none waits. Default 1000. */
  readonly size: number;
  /** How long a request waits at most, where it has no earlier deadline. Default 60 s. */
  readonly wait: number;
  /** Of `size`, requests of one tenant. Default: half of it, rounded up. */
  readonly sizePerTenant: number;
  /** Shares of the classes. Default interactive 8, default 4, bulk 1. */
  readonly weights: Readonly<Record<Priority, number>>;
}

/** When a target gets no more requests, and for how long. Durations are milliseconds; the first three are the keys of the gateway's schema. */
export interface BreakerSettings {
  /** Faults in a row, within the window, that open it. Default 5. */
  readonly failures: number;
  /** How long an attempt counts. Default 30 s. */
  readonly window: number;
  /** How long it is open at first; doubled every time up to `maxOpen`, with ± 20 % of jitter. Default 10 s. */
  readonly open: number;
  /** Default 5 min. */
  readonly maxOpen: number;
  /** Share of faults in the window that opens it. Default 0.5. */
  readonly faultRatio: number;
  /** Attempts in the window below which the ratio says nothing. Default 20. */
  readonly minimumAttempts: number;
  /** Share of a model's targets that may be open while one of the others still answers. Default 0.5. */
  readonly maxOpenShare: number;
  /** Requests at the same time that try a target which was open. Default 1. */
  readonly trials: number;
  /** Trials that must succeed, one after the other, to close it. Default 2. */
  readonly trialSuccesses: number;
  /** How long a target that is busy rests where it did not say itself. Default 1 s. */
  readonly busy: number;
}

/** How targets are looked after in the background. Durations are milliseconds; the first two are the keys of the gateway's schema. */
export interface ProbeSettings {
  /** Time between two probes of a target; 0: none. Default 5 s. */
  readonly interval: number;
  /** Longest answer. Default 2 s. */
  readonly timeout: number;
  /** Whether engines' `/metrics` are read, as a hint of the load that others cause. Default true. */
  readonly metrics: boolean;
  /** Time in which a hint loses half of its weight. Default 3 s. */
  readonly hintHalfLife: number;
}

/** Something that a log or a metric wants to know. */
export type RouterEvent =
  | {
      readonly type: "target.state";
      readonly model: string;
      readonly target: string;
      readonly state: TargetState;
      /** Milliseconds since 1970; how long it stays open. */
      readonly until: number | undefined;
      readonly why: string;
    }
  | { readonly type: "target.resting"; readonly model: string; readonly target: string; readonly until: number };

/** What {@link createRouter} takes. */
export interface RouterOptions {
  readonly models: Readonly<Record<string, RoutedModel>>;
  readonly queue?: Partial<QueueSettings> | undefined;
  readonly breaker?: Partial<BreakerSettings> | undefined;
  /** Undefined: nothing happens in the background. */
  readonly probe?: Partial<ProbeSettings> | undefined;
  readonly onEvent?: ((event: RouterEvent) => void) | undefined;
  /** Milliseconds since 1970; default Date.now. */
  readonly clock?: (() => number) | undefined;
  /** From 0 to 1; default Math.random. */
  readonly random?: (() => number) | undefined;
}

/** What a request asks of the router. */
export interface AcquireRequest {
  readonly model: string;
  readonly priority: Priority;
  /** Whose share of the queue it takes: the key's team, or its id. */
  readonly tenant: string;
  /** Tokens of prompt and answer together, as estimated. */
  readonly tokens: number;
  /** Ids of targets that it does not take. */
  readonly exclude: ReadonlySet<string>;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970; when it is of no use any more. */
  readonly deadlineAt?: number | undefined;
  /** Which attempt of the request this is, for `x-hxp-route`; default one more than the targets excluded. */
  readonly attempt?: number | undefined;
  /** Called once, when it has to wait. */
  readonly onQueued?: (() => void) | undefined;
}

/** Whether a target gets requests: all, none, or a few to try it. */
export type TargetState = "closed" | "open" | "half-open";

/** What a target does now. */
export interface TargetSnapshot {
  readonly id: string;
  readonly state: TargetState;
  /** Milliseconds since 1970; set while it is open. */
  readonly openUntil: number | undefined;
  /** Milliseconds since 1970; set while it rests, because it said that it is full. */
  readonly restsUntil: number | undefined;
  readonly inFlight: number;
  /** Tokens of what is in flight, as estimated. */
  readonly inFlightTokens: number;
  readonly maxConcurrency: number;
}

/** What a model does now. */
export interface ModelSnapshot {
  readonly targets: readonly TargetSnapshot[];
  /** Requests that wait, by class. */
  readonly waiting: Readonly<Record<Priority, number>>;
  readonly waitingTokens: number;
}

/** Finds the target that answers a request. */
export interface Router extends AsyncDisposable {
  /**
   * Gives a place on the least loaded target, now or, in fair order, when one is free. Whoever gets the lease ends it.
   * Throws MODEL_NOT_FOUND, QUEUE_FULL, QUEUE_TIMEOUT or MODEL_UNAVAILABLE (all 503 with details.retryAfterMs), or the signal's reason.
   */
  acquire(request: AcquireRequest): Promise<Lease>;
  /** Models that may answer in a model's place, nearest first; each once, never the model itself. */
  fallbacksOf(model: string): readonly string[];
  /** Names of all models. */
  models(): readonly string[];
  /** What every model does now, for metrics. */
  snapshot(): Readonly<Record<string, ModelSnapshot>>;
  /** Lets targets of a model that are left alone be tried at once: somebody knows that they are back. */
  retryNow(model: string): void;
}
