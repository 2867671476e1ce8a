import type { IncomingMessage, ServerResponse } from "node:http";
import type { HxpError } from "@hxp/errors";
import { toOpenAiError } from "./write-error.ts";

/** What an answer has beside its status and body. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body: unknown;
}

/** Sends JSON. */
export function sendJson(response: ServerResponse, id: string, { status, headers, body }: Answer): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    ...headers,
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-request-id": id,
  });
  response.end(text);
}

/** Sends an error in OpenAI's shape and gives its status. An answer that has begun cannot be taken back: its connection is closed. */
export function sendError(response: ServerResponse, id: string, error: HxpError): number {
  if (response.headersSent) {
    response.destroy();
    return response.statusCode;
  }
  const { status, headers, body } = toOpenAiError(error);
  const { message } = body.error;
  const sentence = /[.!?]$/.test(message) ? message : `${message}.`;
  const told = status >= 500 ? { error: { ...body.error, message: `${sentence} Request id: ${id}.` } } : body;
  sendJson(response, id, { status, headers, body: told });
  discardRest(response.req);
  return status;
}

const discardTime = 2000;

/** Lets a client finish sending what nobody reads, so that it gets to read the answer; but not for long. */
function discardRest(request: IncomingMessage): void {
  if (request.complete) return;
  request.resume();
  const timer = setTimeout(() => request.complete || request.socket.destroy(), discardTime);
  timer.unref();
}
