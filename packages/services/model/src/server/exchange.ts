import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { toOpenAiError } from "../openai/openai-error.ts";
import type { OpenAiUsage } from "../openai/usage-meter.ts";

/** One request and its answer. */
export interface Exchange {
  /** The value of `x-request-id`, or one made here. */
  readonly id: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Aborted when the client has left. */
  readonly left: AbortSignal;
}

/** Answers with JSON. */
export function sendJson({ response, id }: Exchange, value: unknown, status = 200): void {
  const body = Buffer.from(JSON.stringify(value));
  response
    .writeHead(status, { "content-type": "application/json", "content-length": body.length, "x-request-id": id })
    .end(body);
}

/**
 * Answers an error; where the answer is a stream that has begun, as its last event, without `[DONE]`, and with the usage
 * up to there.
 */
export function sendError(exchange: Exchange, thrown: unknown, usage?: OpenAiUsage): void {
  const { request, response, id } = exchange;
  const { status, body } = toOpenAiError(thrown);
  const told = usage === undefined ? body : { ...body, usage };
  if (response.headersSent) {
    response.end(`data: ${JSON.stringify(told)}\n\n`);
    return;
  }
  // OpenAI's clients ask again after any 5xx that does not tell them otherwise.
  const again = body.error.retryable ? {} : { "x-should-retry": "false" };
  // What is left of a body that nobody reads must not be taken for the next request.
  const connection = request.complete ? {} : { connection: "close" };
  const text = Buffer.from(JSON.stringify(told));
  response
    .writeHead(status, {
      "content-type": "application/json",
      "content-length": text.length,
      "x-request-id": id,
      ...again,
      ...connection,
    })
    .end(text);
}

/** Begins a stream of events. */
export function openStream({ response, id }: Exchange): void {
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-request-id": id,
    "x-accel-buffering": "no",
  });
}

/** Writes one or more events, and waits until a slow reader has taken them, or until `signal` is aborted. */
export async function writeEvents(
  { response }: Exchange,
  values: readonly unknown[],
  signal: AbortSignal,
): Promise<void> {
  if (values.length === 0 || signal.aborted) return;
  const text = values.map((value) => `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`).join("");
  if (response.write(text)) return;
  await once(response, "drain", { signal }).catch(() => undefined);
}
