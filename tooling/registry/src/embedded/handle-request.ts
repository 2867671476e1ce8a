import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Front } from "./front.ts";
import { handleAdvisories, handleRead } from "./handle-read.ts";
import { handleWrite } from "./handle-write.ts";
import { type Exchange, Refusal, sendJson } from "./http.ts";
import { parseRoute, type Route } from "./parse-route.ts";

/** Answers one request; what it does not take is thrown as a {@link Refusal}. */
export async function handleRequest(front: Front, exchange: Exchange): Promise<void> {
  const { request } = exchange;
  const isRead = request.method === "GET" || request.method === "HEAD";
  const [path = "/"] = (request.url ?? "/").split("?");
  const route = parseRoute(path);
  if (route.kind === "unknown") throw new Refusal(404, "This registry has no such address");
  if (route.kind === "ping") return sendJson(exchange, {});
  if (route.kind === "advisories" && request.method === "POST") return handleAdvisories(front, exchange);
  if (route.kind === "whoami") {
    requireToken(front, request);
    return sendJson(exchange, { username: "release" });
  }
  if ("name" in route && !front.localNames(route.name)) return answerForeign(front, exchange, { route, isRead });
  if (isRead) return handleRead(front, exchange, route);
  requireToken(front, request);
  return handleWrite(front, exchange, route);
}

/** Sends the client on, so that nothing of upstream is kept here; a local name never gets this far. */
function answerForeign(
  front: Front,
  { response }: Exchange,
  { route, isRead }: { route: Route; isRead: boolean },
): void {
  const location = isRead ? front.upstream?.locate(route) : undefined;
  if (location !== undefined) {
    response.writeHead(307, { location, "content-length": 0 }).end();
    return;
  }
  throw isRead
    ? new Refusal(404, "This registry does not keep that name, and has no upstream registry")
    : new Refusal(403, "This registry does not keep that name");
}

function requireToken({ token }: Front, { headers }: IncomingMessage): void {
  const [, shown = ""] = /^Bearer (.+)$/i.exec(headers.authorization ?? "") ?? [];
  if (!timingSafeEqual(digest(shown), digest(token))) throw new Refusal(401, "Writing needs this registry's token");
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
