import { Agent, request as ask, type ClientRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { listenOnLoopback } from "./listen-on-loopback.ts";
import { endWithParent, tellParent } from "./parent.ts";

/** The thinnest gateway that is still correct: bytes go both ways, and who leaves or breaks on one side does so on the other. */
const { origin } = new URL(process.argv[2] ?? "");
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: 1024 });

const address = await listenOnLoopback({ keepAliveTimeout: 600_000, noDelay: true }, (request, response) => {
  const { method, url, headers } = request;
  const upstream = ask(new URL(url ?? "/", origin), { method, headers, agent });
  request.pipe(upstream);
  response.on("close", () => response.writableFinished || upstream.destroy());
  upstream.on("error", () => fail(response));
  upstream.on("response", (answer) => passOn(answer, { upstream, response }));
});
endWithParent();
tellParent({ url: `${address}/v1` });

interface Sides {
  readonly upstream: ClientRequest;
  readonly response: ServerResponse;
}

function passOn(answer: IncomingMessage, { upstream, response }: Sides): void {
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  answer.on("error", () => upstream.destroy());
  // A stream that broke off must not look like one that ended.
  answer.on("close", () => answer.complete || response.destroy());
  answer.pipe(response);
}

function fail(response: ServerResponse): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(502, { "content-type": "application/json" }).end('{"error":{"message":"bad gateway"}}');
}
