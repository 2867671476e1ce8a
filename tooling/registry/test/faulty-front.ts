import { createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

/** What a faulty front does with a request; `pass` sends it on, and gives the real answer. */
export type Fault = (call: FaultCall) => Promise<void> | void;

/** One request to a faulty front. */
interface FaultCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** `PUT /@a/b`: what was asked, decoded. */
  readonly asked: string;
  readonly body: Buffer;
  /** Sends the request on and reads the answer. */
  readonly ask: () => Promise<{ status: number; headers: IncomingMessage["headers"]; body: Buffer }>;
  /** Sends the request on and answers what comes back, its body changed by `rewrite`. */
  readonly pass: (rewrite?: (body: Buffer) => Buffer) => Promise<void>;
}

/** A server between client and registry that goes wrong on purpose. */
export interface FaultyFront extends AsyncDisposable {
  readonly url: string;
  /** What was asked, in order: `PUT /@a/b`. */
  readonly asked: string[];
  /** Replaces the fault. */
  readonly use: (fault: Fault) => void;
}

/** Starts a server that sends requests on to `target` unless the fault says otherwise. */
export async function startFaultyFront(target: string, fault: Fault = ({ pass }) => pass()): Promise<FaultyFront> {
  let current = fault;
  const asked: string[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const what = `${request.method} ${decodeURIComponent(request.url ?? "")}`;
    const body = await readAll(request);
    asked.push(what);
    await current(makeCall(target, { request, response, asked: what, body }));
  };
  const server = createServer((request, response) => {
    void handle(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked,
    use: (next) => {
      current = next;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers JSON. */
export function answerJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

/** A rewrite of a JSON body, for {@link FaultCall.pass}. */
export function editJson(edit: (value: never) => void): (body: Buffer) => Buffer {
  return (body) => {
    const value = JSON.parse(body.toString("utf8")) as never;
    edit(value);
    return Buffer.from(JSON.stringify(value));
  };
}

function makeCall(target: string, parts: Pick<FaultCall, "request" | "response" | "asked" | "body">): FaultCall {
  const ask = async (): ReturnType<FaultCall["ask"]> => {
    const { method = "GET", headers, url = "/" } = parts.request;
    const { "accept-encoding": _plain, "if-none-match": _fresh, "transfer-encoding": _chunked, ...sent } = headers;
    const onward = httpRequest(new URL(url.slice(1), target), {
      method,
      headers: { ...sent, "content-length": parts.body.length },
      agent: false,
    });
    onward.end(parts.body);
    const [answer] = (await once(onward, "response")) as [IncomingMessage];
    return { status: answer.statusCode ?? 500, headers: answer.headers, body: await readAll(answer) };
  };
  return {
    ...parts,
    ask,
    pass: async (rewrite = (body) => body) => {
      const { status, headers, body } = await ask();
      const sent = status === 200 ? rewrite(body) : body;
      const { etag: _old, connection: _hop, ...kept } = headers;
      parts.response.writeHead(status, { ...kept, "content-length": sent.length }).end(sent);
    },
  };
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch {
    // A client that gave up; what came is enough.
  }
  return Buffer.concat(chunks);
}
