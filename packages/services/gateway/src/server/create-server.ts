import { createServer, type RequestListener, type Server } from "node:http";
import type { Duplex } from "node:stream";

const maxHeaderBytes = 16_384;
const headersTimeout = 10_000;
const checkInterval = 1_000;
const keepAliveTimeout = 75_000;

/** Makes the HTTP server of the gateway: bounded in headers and in how long a request may take to arrive. */
export function createHttpServer(handler: RequestListener, { bodyTimeout }: { bodyTimeout: number }): Server {
  const server = createServer(
    {
      maxHeaderSize: maxHeaderBytes,
      headersTimeout,
      // The body has a time of its own, which is answered in the right shape; this ends what that does not see.
      requestTimeout: headersTimeout + bodyTimeout + checkInterval,
      connectionsCheckingInterval: checkInterval,
      keepAliveTimeout,
      insecureHTTPParser: false,
      requireHostHeader: true,
      noDelay: true,
    },
    handler,
  );
  // One more than the handler takes: beyond it, headers would be dropped without a word.
  server.maxHeadersCount = 200;
  server.on("checkContinue", handler);
  server.on("clientError", refuse);
  return server;
}

/** Answers what the parser did not take. The connection is of no use any more. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, code, message } = describe(error.code ?? "");
  const body = JSON.stringify({ error: { message, type: "invalid_request_error", param: null, code } });
  const head = [
    `HTTP/1.1 ${status}`,
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}

function describe(code: string): { status: string; code: string; message: string } {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return {
        status: "431 Request Header Fields Too Large",
        code: "headers_too_large",
        message: `The headers are larger than ${maxHeaderBytes} bytes.`,
      };
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return { status: "408 Request Timeout", code: "request_timeout", message: "The request did not arrive in time." };
    default:
      return { status: "400 Bad Request", code: "invalid_request", message: "The request is not well-formed HTTP." };
  }
}
