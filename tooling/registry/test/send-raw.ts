import { type Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { once } from "node:events";

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body as JSON. */
  json(): never;
}

/** What {@link sendRaw} sends. */
export interface RawRequest {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly token?: string;
  readonly agent?: Agent;
}

/** Sends a request just as it is written: no redirects, no encodings, any Host header; the path is not normalised. */
export async function sendRaw(base: string, path: string, request: RawRequest = {}): Promise<RawAnswer> {
  const { hostname, port } = new URL(base);
  const { method = "GET", body, agent = false } = request;
  const sent = body === undefined || Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  const headers = { ...headersOf(sent, request), ...request.headers };
  const call = httpRequest({ hostname, port, path, method, agent, headers });
  call.end(sent);
  const [answer] = (await once(call, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    body: bytes,
    json: () => JSON.parse(bytes.toString("utf8")) as never,
  };
}

function headersOf(sent: Buffer | undefined, { token, headers = {} }: RawRequest): Record<string, string> {
  const isChunked = "transfer-encoding" in headers;
  return {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(sent === undefined ? {} : { "content-type": "application/json" }),
    ...(sent === undefined || isChunked ? {} : { "content-length": String(sent.length) }),
  };
}
