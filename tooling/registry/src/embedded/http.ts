import type { IncomingMessage, ServerResponse } from "node:http";
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

/** A request that is refused: thrown anywhere in a handler, answered as `{"error": …}`. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** One request and its answer. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

const inflate = promisify(gunzip);

/** Reads a request's body, gzip undone; one that is larger than `limit` bytes, before or after: 413. */
async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = new Refusal(413, `The request is larger than ${limit} bytes`);
  if (Number(request.headers["content-length"] ?? 0) > limit) throw tooLarge;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw tooLarge;
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  if (request.headers["content-encoding"] !== "gzip") return body;
  try {
    return await inflate(body, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge;
    throw new Refusal(400, "The request's body is not gzip");
  }
}

/** Reads a request's body as JSON; anything else: 400. */
export async function readJsonBody(request: IncomingMessage, limit: number): Promise<unknown> {
  const body = await readBody(request, limit);
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw new Refusal(400, "The request's body is not JSON");
  }
}

/** What {@link sendJson} takes beside the value. */
export interface JsonAnswer {
  readonly status?: number;
  readonly type?: string;
}

/** Answers with JSON: with an entity tag, and 304 to who has it already. Never zipped: nothing but this machine asks. */
export async function sendJson(
  { request, response }: Exchange,
  value: unknown,
  { status = 200, type = "application/json" }: JsonAnswer = {},
): Promise<void> {
  const body = Buffer.from(JSON.stringify(value));
  const headers: Record<string, string> = { "content-type": `${type}; charset=utf-8`, vary: "accept" };
  if (status === 200) {
    headers["etag"] = `W/"${createHash("sha1").update(body).digest("base64url")}"`;
    if (request.headers["if-none-match"] === headers["etag"]) {
      response.writeHead(304, headers).end();
      return;
    }
  }
  headers["content-length"] = String(body.length);
  response.writeHead(status, headers).end(request.method === "HEAD" ? undefined : body);
}

/** Answers an error; one that came while the answer was under way ends the connection. */
export function sendError({ request, response }: Exchange, error: { status: number; message: string }): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = Buffer.from(JSON.stringify({ error: error.message }));
  // What is left of a body that nobody reads must not be taken for the next request.
  const connection = request.complete ? {} : { connection: "close" };
  const authenticate = error.status === 401 ? { "www-authenticate": "Bearer" } : {};
  response
    .writeHead(error.status, {
      "content-type": "application/json",
      "content-length": body.length,
      ...connection,
      ...authenticate,
    })
    .end(request.method === "HEAD" ? undefined : body);
}
