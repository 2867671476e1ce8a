import type { ServerResponse } from "node:http";
import { HxpError } from "@hxp/errors";
import type { CountedUsage, Exchange } from "../pipeline.ts";
import type { ForwardContext, Forwarded } from "./forward-context.ts";

const paths = { chat: "/chat/completions", completions: "/completions", embeddings: "/embeddings" } as const;

/** Sends a request to a target and its answer to the client. */
export async function forwardExchange(
  exchange: Exchange,
  response: ServerResponse,
  context: ForwardContext,
): Promise<Forwarded> {
  const { model, signal } = exchange;
  const { promptTokens, completionTokens } = exchange.estimate;
  const lease = await context.router.acquire({
    model,
    priority: context.priority,
    tenant: context.tenant,
    tokens: promptTokens + completionTokens,
    exclude: new Set(),
    signal,
  });
  const { target } = lease;
  const usage: CountedUsage = { promptTokens, cachedTokens: 0, completionTokens: 0, countedBy: "estimate" };
  try {
    const answer = await target.dispatcher.request({
      origin: target.origin,
      path: `${target.basePath}${paths[exchange.endpoint]}`,
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-request-id": exchange.id,
        ...(target.authorization === undefined ? {} : { authorization: target.authorization }),
      },
      body: JSON.stringify({ ...exchange.body, model: target.upstreamModel }),
      signal,
    });
    response.writeHead(answer.statusCode, {
      ...context.headers,
      "content-type": String(answer.headers["content-type"]),
      "x-hxp-route": lease.route,
    });
    for await (const chunk of answer.body) response.write(chunk);
    response.end();
    lease.end({ type: "neutral" });
    return { outcome: "completed", usage, servedBy: `${target.model}/${target.id}`, status: answer.statusCode };
  } catch (cause) {
    lease.end({ type: "neutral" });
    throw new HxpError("INTERNAL", `Target ${target.id} did not answer`, { cause });
  }
}
