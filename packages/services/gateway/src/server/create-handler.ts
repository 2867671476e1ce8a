import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { type HxpError, toHxpError } from "@hxp/errors";
import type { KeyRecord } from "@hxp/schema-storage";
import type { Authenticate } from "../authenticate/authenticator.ts";
import { authorise } from "../authenticate/authorise.ts";
import type { Call, CallHandler, CallSummary } from "./call.ts";
import { checkHeaders } from "./check-headers.ts";
import { makeRequestId } from "./make-request-id.ts";
import { matchRoute } from "./match-route.ts";
import type { Route, RouteName } from "./routes.ts";
import { sendError } from "./send.ts";

/** A request that has ended, and what is known of it. */
export interface EndedRequest {
  readonly id: string;
  readonly request: IncomingMessage;
  /** Milliseconds since 1970. */
  readonly arrivedAt: number;
  /** Undefined: nobody known sent it. */
  readonly key: KeyRecord | undefined;
  /** Undefined: it did not get that far, or there is none. */
  readonly route: Route | undefined;
  readonly model: string | undefined;
  readonly summary: CallSummary;
  readonly error: HxpError | undefined;
}

/** What {@link createHandler} takes. */
export interface HandlerOptions {
  readonly authenticate: Authenticate;
  readonly handlers: Readonly<Record<RouteName, CallHandler>>;
  /** Called once for every request, after its answer. */
  readonly onEnd: (ended: EndedRequest) => void;
  readonly clock: () => number;
  /** Milliseconds that a client may read nothing of an answer that waits for it; then its connection is closed. 0: no limit. */
  readonly sendTimeout: number;
}

interface Visit {
  readonly id: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly arrivedAt: number;
  key: KeyRecord | undefined;
  route: Route | undefined;
  call: Call | undefined;
}

/** Makes the function that answers every request: who is it, what is asked for, may it be, answer. */
export function createHandler(options: HandlerOptions): RequestListener {
  return (request, response) => {
    const known = { key: undefined, route: undefined, call: undefined };
    const arrivedAt = options.clock();
    const visit = { id: makeRequestId(arrivedAt), request, response, arrivedAt, ...known };
    // Whatever is wrong with a log or a metric ends one answer, not the process.
    answer(visit, options).catch(() => response.destroy());
  };
}

async function answer(visit: Visit, options: HandlerOptions): Promise<void> {
  const { id, request, arrivedAt } = visit;
  let summary: CallSummary;
  let error: HxpError | undefined;
  try {
    summary = await serve(visit, options);
  } catch (thrown) {
    error = toHxpError(thrown);
    summary = refuse(visit, error);
  }
  const { key, route, call, response } = visit;
  if (response.writableLength > 0) response.setTimeout(options.sendTimeout);
  options.onEnd({ id, request, arrivedAt, key, route, model: call?.model, summary, error });
}

/** Only who has a key learns which routes there are. */
async function serve(visit: Visit, { authenticate, handlers }: HandlerOptions): Promise<CallSummary> {
  const { id, request, response, arrivedAt } = visit;
  checkHeaders(request);
  const found = authenticate(request.headers.authorization);
  const key = found instanceof Promise ? await found : found;
  visit.key = key;

  const url = request.url ?? "/";
  const mark = url.indexOf("?");
  const { route, param } = matchRoute(request.method ?? "", mark === -1 ? url : url.slice(0, mark));
  visit.route = route;
  authorise(key, route.scope);

  const query = mark === -1 ? "" : url.slice(mark + 1);
  const call: Call = { id, request, response, arrivedAt, key, param, query, model: undefined };
  visit.call = call;
  return handlers[route.name](call);
}

function refuse({ id, response }: Visit, error: HxpError): CallSummary {
  if (error.code === "CLIENT_GONE") {
    response.destroy();
    return { status: error.status, outcome: "cancelled", code: error.code };
  }
  const status = sendError(response, id, error);
  return { status, outcome: status < 500 || status === 501 ? "rejected" : "failed", code: error.code };
}
