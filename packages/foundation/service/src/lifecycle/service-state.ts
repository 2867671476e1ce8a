/** The stages of a service's life, in order. */
export const stages = ["starting", "ready", "draining", "stopped"] as const;

/** Where a service is in its life; it only ever goes forward. */
export type ServiceStage = (typeof stages)[number];

/** What is known about a service at one moment. Times are milliseconds since 1970. */
export interface ServiceState {
  readonly stage: ServiceStage;
  /** What it does within the stage, in a few words: `loading model`. */
  readonly phase: string;
  readonly startedAt: number;
  /** When the stage began. */
  readonly stageAt: number;
  /** When the phase began, or progress in it was last reported. */
  readonly phaseAt: number;
  /** When the stage is expected to end, if anybody knows. */
  readonly expectedAt: number | undefined;
}

/** What can happen to a service. */
export type ServiceEvent =
  | { readonly type: "phase"; readonly phase: string; readonly remainingMs?: number | undefined }
  | { readonly type: "proved" }
  | { readonly type: "drain"; readonly reason: string; readonly deadlineMs: number }
  | { readonly type: "stop"; readonly reason: string };

/** The state of a service whose start begins now. */
export function beginState(now: number): ServiceState {
  const times = { startedAt: now, stageAt: now, phaseAt: now };
  return { stage: "starting", phase: "starting", ...times, expectedAt: undefined };
}

/** The state after an event. Events that come too late, such as progress while draining, change nothing. */
export function nextState(state: ServiceState, event: ServiceEvent, now: number): ServiceState {
  switch (event.type) {
    case "phase":
      return state.stage === "starting" ? { ...state, ...report(event, now) } : state;
    case "proved":
      return state.stage === "starting" ? enter(state, { stage: "ready", phase: "serving" }, now) : state;
    case "drain": {
      if (state.stage === "draining" || state.stage === "stopped") return state;
      const draining = enter(state, { stage: "draining", phase: event.reason }, now);
      return { ...draining, expectedAt: now + event.deadlineMs };
    }
    case "stop":
    default:
      return state.stage === "stopped" ? state : enter(state, { stage: "stopped", phase: event.reason }, now);
  }
}

function report({ phase, remainingMs }: { phase: string; remainingMs?: number | undefined }, now: number) {
  return { phase, phaseAt: now, expectedAt: remainingMs === undefined ? undefined : now + remainingMs };
}

function enter(state: ServiceState, to: Pick<ServiceState, "stage" | "phase">, now: number): ServiceState {
  return { ...state, ...to, stageAt: now, phaseAt: now, expectedAt: undefined };
}

/** A state as people and programs read it on the probe server. Durations are milliseconds. */
export interface StateReport {
  readonly stage: ServiceStage;
  readonly phase: string;
  /** Since the start. */
  readonly elapsedMs: number;
  readonly phaseElapsedMs: number;
  /** Until the stage is expected to end; null when nobody knows. */
  readonly etaMs: number | null;
}

/** Describes a state at a moment. */
export function reportState(state: ServiceState, now: number): StateReport {
  return {
    stage: state.stage,
    phase: state.phase,
    elapsedMs: now - state.startedAt,
    phaseElapsedMs: now - state.phaseAt,
    etaMs: state.expectedAt === undefined ? null : Math.max(0, state.expectedAt - now),
  };
}
