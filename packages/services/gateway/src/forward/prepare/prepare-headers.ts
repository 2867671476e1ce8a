import type { Lease } from "../../pipeline.ts";

/** What an upstream is told, and nothing else: no header of the client goes on, above all not its key. */
export function prepareHeaders(options: {
  readonly id: string;
  readonly stream: boolean;
  readonly authorization: string | undefined;
  readonly traceparent: string | undefined;
}): string[] {
  const headers = [
    "content-type",
    "application/json",
    "accept",
    options.stream ? "text/event-stream" : "application/json",
  ];
  headers.push("x-request-id", options.id, "user-agent", "hxp-gateway");
  if (options.authorization !== undefined) headers.push("authorization", options.authorization);
  if (options.traceparent !== undefined) headers.push("traceparent", options.traceparent);
  return headers;
}

/** Headers of an upstream's answer that a client gets; its length, type and connection are the gateway's own. */
const returned = ["openai-processing-ms", "openai-version"] as const;

/** Headers of an answer that is not a stream. */
export function answerHeaders(
  own: Readonly<Record<string, string>>,
  lease: Lease,
  upstream: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | number> {
  const headers: Record<string, string | number> = { ...own, "content-type": "application/json" };
  for (const name of returned) {
    const value = upstream[name];
    if (typeof value === "string") headers[name] = value;
  }
  headers["x-hxp-route"] = lease.route;
  return headers;
}

/** Headers of a stream; the route is not known yet when a comment is sent before the answer. */
export function streamHeaders(
  own: Readonly<Record<string, string>>,
  route: string | undefined,
): Record<string, string> {
  const headers: Record<string, string> = {
    ...own,
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    // nginx would collect a stream otherwise.
    "x-accel-buffering": "no",
  };
  if (route !== undefined) headers["x-hxp-route"] = route;
  return headers;
}
