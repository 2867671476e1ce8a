import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One request that a file server has seen. */
interface SeenRequest {
  readonly path: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly authorization: string | undefined;
}

/** A server of one file that a test can make misbehave. */
export interface FileServer {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  /** Takes the next requests, one each, instead of serving the file. */
  readonly next: ((request: IncomingMessage, response: ServerResponse) => void)[];
  file: Buffer;
  etag: string | undefined;
  /** Headers of every answer. */
  headers: Record<string, string>;
  close(): Promise<void>;
}

/** Starts a server that gives a file, or the part that is asked for, at every address. */
export async function startFileServer(file: Buffer): Promise<FileServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const { range, authorization, "if-range": ifRange } = request.headers;
    seen.push({ path: request.url ?? "", range, ifRange: ifRange as string | undefined, authorization });
    const handle = state.next.shift();
    if (handle === undefined) serveFile(state, request, response);
    else handle(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const state: FileServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    next: [],
    file,
    etag: '"one"',
    headers: {},
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return state;
}

/** Answers as a good server does (RFC 9110, 14). */
export function serveFile(
  { file, etag, headers }: Pick<FileServer, "file" | "etag" | "headers">,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1];
  const isSame = request.headers["if-range"] === undefined || request.headers["if-range"] === etag;
  const shared = { ...headers, ...(etag === undefined ? {} : { etag }) };
  if (from === undefined || !isSame) {
    response.writeHead(200, { ...shared, "content-length": file.length }).end(file);
    return;
  }
  const rest = file.subarray(Number(from));
  const range = `bytes ${from}-${file.length - 1}/${file.length}`;
  response.writeHead(206, { ...shared, "content-length": rest.length, "content-range": range }).end(rest);
}

/** What {@link breakOff} waits for. */
export interface BreakOptions {
  readonly bytes: number;
  /** Bytes that have arrived where they are pulled to. */
  readonly arrived: () => number;
}

/** Sends so many bytes of the file, says that it is all, and breaks off when they have arrived. */
export function breakOff(server: FileServer, { bytes, arrived }: BreakOptions) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const { file, etag = "" } = server;
    const range = from === 0 ? {} : { "content-range": `bytes ${from}-${file.length - 1}/${file.length}` };
    response.writeHead(from === 0 ? 200 : 206, { "content-length": file.length - from, etag, ...range });
    response.write(file.subarray(from, from + bytes));
    const timer = setInterval(() => {
      if (arrived() < from + bytes) return;
      clearInterval(timer);
      response.destroy();
    }, 5);
    response.on("close", () => clearInterval(timer));
  };
}
