import type { HxpError } from "@hxp/errors";
import type { AttemptResult, CountedUsage, Exchange, Lease } from "../pipeline.ts";

/** What a lease is asked for with. */
interface LeaseRequest {
  readonly model: string;
  readonly priority: Exchange["key"]["priority"];
  /** Who shares fairly with others in the queue. */
  readonly tenant: string;
  /** Tokens that the request may take: of the prompt and of the answer. */
  readonly tokens: number;
  /** Ids of targets that were tried already. */
  readonly exclude: ReadonlySet<string>;
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly deadlineAt?: number;
  /** Called when the request has to wait. */
  readonly onQueued?: () => void;
}

/** What forwarding needs of the router. */
export interface LeaseSource {
  /** Throws MODEL_NOT_FOUND, QUEUE_FULL, QUEUE_TIMEOUT, MODEL_UNAVAILABLE, or the signal's reason. */
  acquire(request: LeaseRequest): Promise<Lease>;
  /** Models that may answer in place of this one, best first. */
  fallbacksOf(model: string): readonly string[];
}

/** Longest waits, in milliseconds. */
export interface ForwardTimeouts {
  /** Until the connection stands. */
  readonly connect: number;
  /** From the request to a stream's first event. */
  readonly firstToken: number;
  /** From the request to the headers of an answer that is no stream. */
  readonly answer: number;
  /** Between two pieces of an answer. */
  readonly idle: number;
  /** That a client reads nothing of a stream that waits for it; 0: no limit. */
  readonly send: number;
  /** From the request's arrival to its end. */
  readonly total: number;
}

/** When a request is tried again. */
interface ForwardRetries {
  /** Attempts in all, over all targets and models. */
  readonly attempts: number;
  /** Milliseconds before the second attempt on the same targets; it doubles, with jitter. */
  readonly backoff: number;
  /** Longest wait in milliseconds; an upstream that asks for a longer one is not tried again. */
  readonly maxBackoff: number;
  /** Whether a 5xx answer, or a connection that broke before the answer, is tried again. Default true: generating twice does no harm. */
  readonly onFault?: boolean;
}

/** Where in its way a request was when its client left. */
export type Phase = "queued" | "backing-off" | "connecting" | "before-first-token" | "streaming" | "answering";

/** What forwarding tells metrics. */
export interface ForwardHooks {
  readonly onAttempt?: (attempt: {
    readonly target: string;
    readonly model: string;
    readonly result: AttemptResult;
    readonly error?: HxpError;
  }) => void;
  /** Before each attempt after the first one; `delayMs` is 0 where another target is tried at once. */
  readonly onRetry?: (retry: { readonly error: HxpError; readonly delayMs: number }) => void;
  /** `ms`: from the client's leaving to the closed connection to the upstream. */
  readonly onCancelled?: (cancelled: { readonly phase: Phase; readonly ms: number }) => void;
}

/** What forwarding works with. */
export interface ForwardContext {
  readonly router: LeaseSource;
  readonly timeouts: ForwardTimeouts;
  readonly retries: ForwardRetries;
  /** Milliseconds between comments to a stream that waits; the first is sent after as long. 0: none. */
  readonly keepAlive: number;
  /** Added to the answer: `x-request-id`, `x-ratelimit-*`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly priority: Exchange["key"]["priority"];
  readonly tenant: string;
  /** OpenAI's shape of an error, for a stream that has begun, with `retryable` and the usage so far. */
  readonly toInBandError: (error: HxpError) => { readonly error: Readonly<Record<string, unknown>> };
  /** The client's `traceparent`, or ours; sent on. */
  readonly traceparent?: string | undefined;
  readonly limits?: Partial<ForwardLimits>;
  readonly hooks?: ForwardHooks;
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly clock?: () => number;
  /** From 0 to 1, for jitter. Default: Math.random. */
  readonly random?: () => number;
}

/** Sizes in bytes, and waits, that no upstream may exceed. */
export interface ForwardLimits {
  /** One event of a stream. Default 1 MiB. */
  readonly eventBytes: number;
  /** An answer that is not a stream. Default 64 MiB. */
  readonly answerBytes: number;
  /** Milliseconds that asking for the usage of an aborted request may take. Default 5000. */
  readonly usageWait: number;
}

/** How forwarding ended. */
export interface Forwarded {
  readonly outcome: "completed" | "cancelled" | "failed";
  readonly error?: HxpError;
  readonly usage: CountedUsage;
  /** `model/target` that answered. */
  readonly servedBy?: string;
  /** Milliseconds from arrival to the first byte of the answer; comments are none. */
  readonly firstByteMs?: number;
  /** HTTP status; 499 when the client left before there was one. */
  readonly status: number;
}
