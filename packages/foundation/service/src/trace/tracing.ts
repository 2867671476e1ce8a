import { parseTraceparent } from "./traceparent.ts";

/** What an attribute of a span can be. */
export type TraceValue = string | number | boolean | readonly string[];

/** Attributes of a span by name, such as those of {@link genAi}. Undefined ones are left out. */
export type TraceAttributes = Readonly<Record<string, TraceValue | undefined>>;

/** One step of a request. */
export interface TraceSpan {
  /** The `traceparent` header for requests that belong to this step; undefined when there is no trace. */
  readonly traceparent: string | undefined;
  /** Hex digits that join logs and traces; undefined when there is no trace. */
  readonly traceId: string | undefined;
  set(attributes: TraceAttributes): void;
  /** Marks the step as failed: `type` is an error's code, never a message with content. */
  fail(type: string): void;
  /** Ends the step; whatever comes later is ignored. */
  end(): void;
  /** Begins a step within this one. */
  begin(name: string, options?: SpanOptions): TraceSpan;
}

/** How a span begins. */
export interface SpanOptions {
  /** Who called: `server` answers another process, `client` asks one. Default `internal`. */
  kind?: "server" | "client" | "internal";
  attributes?: TraceAttributes;
}

/** Makes traces. */
export interface Tracing {
  /** Begins the first step of this process; `traceparent` is the header of who asked, if it came with one. */
  begin(name: string, options?: SpanOptions & { traceparent?: string | undefined }): TraceSpan;
  /** Sends what has not been sent, for at most some seconds. */
  close(): Promise<void>;
}

/** Records nothing, and hands a caller's `traceparent` on, so that a trace does not break here. */
export const noTracing: Tracing = {
  begin: (_name, { traceparent } = {}) => passOn(traceparent),
  close: async () => {},
};

function passOn(header: string | undefined): TraceSpan {
  const parent = parseTraceparent(header);
  const span: TraceSpan = {
    traceparent: parent === undefined ? undefined : header,
    traceId: parent?.traceId,
    set: () => {},
    fail: () => {},
    end: () => {},
    begin: () => span,
  };
  return span;
}
