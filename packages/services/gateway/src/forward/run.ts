import type { ServerResponse } from "node:http";
import type { Exchange } from "../pipeline.ts";
import type { Observed } from "./account/observed.ts";
import type { ForwardContext, ForwardLimits, Phase } from "./forward-context.ts";
import { StreamOutput } from "./relay/stream-output.ts";
import type { UpstreamCall } from "./send/upstream-call.ts";

const usualLimits: ForwardLimits = { eventBytes: 1_048_576, answerBytes: 64 * 1_048_576, usageWait: 5000 };

/** One request on its way through all of its attempts. */
export interface Run {
  readonly exchange: Exchange;
  readonly response: ServerResponse;
  readonly context: ForwardContext;
  readonly limits: ForwardLimits;
  readonly clock: () => number;
  /** Milliseconds since 1970 when the request must have ended. */
  readonly deadlineAt: number;
  /** Only of a stream. */
  readonly output: StreamOutput | undefined;
  /** All attempts so far. */
  readonly observed: Observed[];
  /** The attempt that runs. */
  call: UpstreamCall | undefined;
  phase: Phase;
  /** The target that answers. */
  servedBy: string | undefined;
  firstByteMs: number | undefined;
  /** Resolves when the answer is written; only of one that is no stream. */
  sent: Promise<void> | undefined;
}

/** Begins the way of a request. */
export function createRun(options: Pick<Run, "exchange" | "response" | "context">): Run {
  const { exchange, response, context } = options;
  const { headers, keepAlive } = context;
  return {
    ...options,
    limits: context.limits === undefined ? usualLimits : { ...usualLimits, ...context.limits },
    clock: context.clock ?? Date.now,
    deadlineAt: exchange.arrivedAt + context.timeouts.total,
    output: exchange.stream
      ? new StreamOutput(response, { headers, keepAlive, sendTimeout: context.timeouts.send })
      : undefined,
    observed: [],
    call: undefined,
    phase: "queued",
    servedBy: undefined,
    firstByteMs: undefined,
    sent: undefined,
  };
}
