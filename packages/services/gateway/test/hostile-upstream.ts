import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A request as the upstream got it. */
export interface HostileRequest {
  readonly headers: IncomingMessage["headers"];
  readonly body: Record<string, unknown>;
  /** Resolves with performance.now() when the gateway closes the connection before the answer has ended. */
  readonly aborted: Promise<number>;
}

/** How the upstream answers one request. */
export type Behaviour = (response: ServerResponse, request: HostileRequest) => void;

/** An upstream that does what it is told, request by request. */
export interface HostileUpstream {
  readonly url: string;
  readonly seen: readonly HostileRequest[];
  /** Requests whose connection is still open. */
  readonly open: () => number;
  /** What the next requests get, in this order; the last one stays. */
  behave(...behaviours: readonly Behaviour[]): void;
  /** What it tells of the usage of a request, by the request's id. */
  tell(id: string, usage: object): void;
  /** Resolves when so many requests have come. */
  arrived(count: number): Promise<HostileRequest>;
}

/** Usage of a request that has come, but of which nothing was read yet. */
const unread = { prompt_tokens: 0, completion_tokens: 0, ended: false };

/** Starts an upstream that lives as long as the test, and at first answers well. */
export async function startHostileUpstream(): Promise<HostileUpstream> {
  const seen: HostileRequest[] = [];
  const waiting: (() => void)[] = [];
  const told = new Map<string, object>();
  let behaviours: readonly Behaviour[] = [answerWell];
  let open = 0;
  const server = createServer((request, response) => void serve(request, response));
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== "POST") return tellUsage(told.get(request.url?.split("/").at(-1) ?? ""), response);
    open += 1;
    const { promise: aborted, resolve } = Promise.withResolvers<number>();
    const id = String(request.headers["x-request-id"]);
    told.set(id, unread);
    response.once("close", () => {
      open -= 1;
      if (told.get(id) === unread) told.set(id, { ...unread, ended: true });
      if (!response.writableFinished) resolve(performance.now());
    });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
    const found = { headers: request.headers, body, aborted };
    seen.push(found);
    const [behaviour = answerWell, ...rest] = behaviours;
    if (rest.length > 0) behaviours = rest;
    for (const wake of waiting.splice(0)) wake();
    behaviour(response, found);
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  });
  const arrived = async (count: number): Promise<HostileRequest> => {
    const found = seen[count - 1];
    if (found !== undefined) return found;
    await new Promise<void>((resolve) => waiting.push(resolve));
    return arrived(count);
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    seen,
    open: () => open,
    behave: (...next) => {
      behaviours = next;
    },
    tell: (id, usage) => void told.set(id, usage),
    arrived,
  };
}

function tellUsage(usage: object | undefined, response: ServerResponse): void {
  sendJson(response, usage ?? {}, usage === undefined ? 404 : 200);
}

/** What the engine counts: five tokens of the prompt, two of the answer. */
export const engineUsage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 };
const base = { id: "chatcmpl-1", created: 1, model: "engine" };

/** A whole answer, as a stream if it was asked for. */
export const answerWell: Behaviour = (response, { body }) => {
  if (body["stream"] !== true) return sendJson(response, wholeAnswer);
  beginStream(response);
  sendFinish(response);
  sendPiece(response, { choices: [], usage: engineUsage });
  sendDone(response);
};

/** An answer of two tokens. */
export const wholeAnswer = {
  ...base,
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: "Hello!" }, finish_reason: "stop" }],
  usage: engineUsage,
};

/** Head of a stream and its first piece: one token. */
export function beginStream(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  sendPiece(response, { choices: [{ index: 0, delta: { role: "assistant", content: "Hel" }, finish_reason: null }] });
}

/** The last token, with its finish reason. */
export function sendFinish(response: ServerResponse): void {
  sendPiece(response, { choices: [{ index: 0, delta: { content: "lo!" }, finish_reason: "stop" }] });
}

/** The end of a stream. */
export function sendDone(response: ServerResponse): void {
  response.end("data: [DONE]\n\n");
}

/** One event. */
export function sendPiece(response: ServerResponse, piece: object): void {
  response.write(`data: ${JSON.stringify({ ...base, object: "chat.completion.chunk", ...piece })}\n\n`);
}

/** A JSON answer, or a part of one. */
export function sendJson(response: ServerResponse, body: object, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** An error with a status. */
export function refuse(status: number, headers: Record<string, string> = {}, error: object = {}): Behaviour {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify({ error: { message: `upstream says ${status}`, type: "x", ...error } }));
  };
}

/** Closes the connection, with RST. */
export const reset: Behaviour = (response) => void response.socket?.resetAndDestroy();

/** Says nothing. */
export const silence: Behaviour = () => {};

/** Begins an answer of either kind, and then does something else. */
export function begin(then: (response: ServerResponse) => void): Behaviour {
  return (response, { body }) => {
    if (body["stream"] === true) beginStream(response);
    else
      response.writeHead(200, { "content-type": "application/json" }).write(JSON.stringify(wholeAnswer).slice(0, 60));
    // What was sent goes out first: a reset throws away what is still to be sent.
    setImmediate(() => setImmediate(() => then(response)));
  };
}
