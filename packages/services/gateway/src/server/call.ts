import type { IncomingMessage, ServerResponse } from "node:http";
import type { KeyRecord } from "@hxp/schema-storage";

/** A request whose sender is known, and the answer to it. */
export interface Call {
  /** Made here, never taken from the client: usage is accounted under it. */
  readonly id: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Milliseconds since 1970. */
  readonly arrivedAt: number;
  readonly key: KeyRecord;
  /** What stands for `{id}` or `{model}` in the route's path, decoded; empty where there is none. */
  readonly param: string;
  /** What follows the `?` of the URL. */
  readonly query: string;
  /** The model that was asked for, as soon as it is known to be one of the gateway's. */
  model: string | undefined;
}

/** What is known of an answer when it has ended, for metrics and the log. */
export interface CallSummary {
  readonly status: number;
  readonly outcome: "completed" | "cancelled" | "failed" | "rejected";
  readonly code?: string | undefined;
  readonly servedBy?: string | undefined;
  readonly promptTokens?: number | undefined;
  readonly cachedTokens?: number | undefined;
  readonly completionTokens?: number | undefined;
  readonly firstByteMs?: number | undefined;
}

/** Answers a request; throws an HxpError for the server to answer with. A summary that it gives is what metrics and log are told. */
export type CallHandler = (call: Call) => Promise<CallSummary>;
