import type { ErrorCode, HxpError } from "@hxp/errors";
import type { AttemptResult } from "../../pipeline.ts";
import type { Stage } from "./upstream-call.ts";

/** What a failed attempt means for the next one and for its target. */
export interface Judgement {
  /** Where another attempt is safe. */
  readonly retry: "anywhere" | "elsewhere" | "nowhere";
  readonly result: AttemptResult;
}

/** What is known of a failed attempt. */
export interface FailedAttempt {
  readonly error: HxpError;
  readonly stage: Stage;
  readonly stream: boolean;
  /** Whether faults of an upstream may be tried again. */
  readonly onFault: boolean;
}

type Retry = Judgement["retry"];

/** Where another attempt is safe after a fault of the upstream; a code that is not here is none. */
const faults: Partial<Record<ErrorCode, (attempt: FailedAttempt) => Retry>> = {
  UPSTREAM_UNREACHABLE: (attempt) => (attempt.stage === "connecting" ? "anywhere" : again(attempt)),
  UPSTREAM_TIMEOUT: (attempt) => (attempt.stage === "connecting" ? "anywhere" : again(attempt)),
  UPSTREAM_FAILED: again,
  UPSTREAM_MISCONFIGURED: () => "elsewhere",
  UPSTREAM_CUT: ifStream,
  UPSTREAM_STALLED: ifStream,
  UPSTREAM_INVALID: ifStream,
  UPSTREAM_INCOMPLETE: ifStream,
  UPSTREAM_OVERSIZED: () => "nowhere",
};

/** Judges a failed attempt, for a client that has no byte of an answer yet. */
export function judgeFailure(attempt: FailedAttempt): Judgement {
  const { error } = attempt;
  if (error.code === "UPSTREAM_BUSY") {
    return { retry: "anywhere", result: { type: "busy", retryAfterMs: retryAfterOf(error) } };
  }
  const retry = faults[error.code]?.(attempt);
  if (retry === undefined) return { retry: "nowhere", result: { type: "neutral" } };
  return { retry, result: { type: "fault", kind: error.code.toLowerCase() } };
}

function again({ onFault }: FailedAttempt): Retry {
  return onFault ? "anywhere" : "nowhere";
}

/** An answer that is not a stream was complete for the engine when it began. */
function ifStream(attempt: FailedAttempt): Retry {
  return attempt.stream ? again(attempt) : "nowhere";
}

/** Milliseconds that an upstream asked to wait, if it did. */
export function retryAfterOf(error: HxpError): number | undefined {
  const { retryAfterMs } = error.details;
  return typeof retryAfterMs === "number" ? retryAfterMs : undefined;
}
