import type { KeyRecord, UsageRecord } from "@hxp/schema-storage";
import type { Dispatcher } from "undici";

/** Endpoints that are forwarded. */
export type EndpointName = "chat" | "completions" | "embeddings";

/** A request that was authenticated and parsed, on its way through the gateway. */
export interface Exchange {
  /** Made by the gateway; the answer's `x-request-id`. */
  readonly id: string;
  readonly endpoint: EndpointName;
  /** Milliseconds since 1970. */
  readonly arrivedAt: number;
  readonly key: KeyRecord;
  /** The model that was asked for. */
  readonly model: string;
  /** The body as it came. */
  readonly raw: Buffer;
  /** The body as JSON; its maps have no prototype's keys. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly stream: boolean;
  /** Whether the client itself asked for usage in its stream. */
  readonly wantsUsage: boolean;
  /** Tokens to reserve: of the prompt, by its size, and of the answer, as far as the request bounds it. */
  readonly estimate: { readonly promptTokens: number; readonly completionTokens: number };
  /** Aborted when the client left (reason: CLIENT_GONE) or the drain's deadline passed (reason: SERVER_DRAINING). */
  readonly signal: AbortSignal;
}

/** Tokens of one request and who counted them. */
export interface CountedUsage {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
  readonly countedBy: UsageRecord["countedBy"];
}

/** One server that answers for a model. */
export interface Target {
  /** Name in logs, metrics and `x-hxp-route`; never a URL. */
  readonly id: string;
  /** The model of this gateway that it serves. */
  readonly model: string;
  /** Name of the model on the upstream. */
  readonly upstreamModel: string;
  readonly origin: string;
  /** Prefix of paths, such as `/v1`. */
  readonly basePath: string;
  /** Bound to the target's address or socket. */
  readonly dispatcher: Dispatcher;
  /** Value of the `authorization` header, if it needs one. */
  readonly authorization: string | undefined;
  /** Whether it can put usage into every piece of a stream (`continuous_usage_stats`), as vLLM and @hxp/model do. */
  readonly continuousUsage: boolean;
  /** Whether it tells the usage of an ended request by id (`GET /internal/usage/<id>`), as @hxp/model does. */
  readonly usageById: boolean;
}

/** What came of one attempt on a target, for breaker and outlier detection. */
export type AttemptResult =
  | { readonly type: "ok"; readonly firstByteMs: number }
  /** The target is at fault: it was unreachable, too slow, broke off, or answered 5xx. */
  | { readonly type: "fault"; readonly kind: string }
  /** The target said that it is full (429, 503), perhaps until when. */
  | { readonly type: "busy"; readonly retryAfterMs: number | undefined }
  /** The client or its request is at fault. */
  | { readonly type: "neutral" };

/** A place on a target, held for one attempt. */
export interface Lease {
  readonly target: Target;
  /** Why this one, for `x-hxp-route`: `guide/local;load=3;attempt=1`. */
  readonly route: string;
  /** Ends the attempt, once; later calls change nothing. */
  end(result: AttemptResult): void;
}

/** What one request holds of the limits of its key, team and model. */
export interface Reservation {
  /** Headers `x-ratelimit-*` as they are after this reservation. */
  readonly headers: Readonly<Record<string, string>>;
  /** Replaces what was reserved by what was used and gives the slot back; the first of `settle` and `release` counts, later calls change nothing. */
  settle(usage: { readonly promptTokens: number; readonly completionTokens: number; readonly cost: number }): void;
  /** Gives everything back: nothing was used. */
  release(): void;
}
