import { genAi, type GenAiOperation, genAiSpanName, noTracing, type TraceSpan, type Tracing } from "@hxp/service";
import type { Forwarded } from "../forward/forward-context.ts";
import type { EndpointName, Exchange } from "../pipeline.ts";

const operations: Readonly<Record<EndpointName, GenAiOperation>> = {
  chat: "chat",
  completions: "text_completion",
  embeddings: "embeddings",
};

/** Begins the span of a request, as a part of the client's trace if it sent one. Nothing of what is asked or answered is in it. */
export function beginSpan(tracing: Tracing, exchange: Exchange, traceparent: string | undefined): TraceSpan {
  if (tracing === noTracing) return untraced(traceparent);
  const { endpoint, model, stream, body } = exchange;
  const operation = operations[endpoint];
  return tracing.begin(genAiSpanName(operation, model), {
    kind: "server",
    traceparent,
    attributes: {
      [genAi.operationName]: operation,
      [genAi.providerName]: "hxp",
      [genAi.requestModel]: model,
      [genAi.requestStream]: stream,
      [genAi.requestMaxTokens]: numberOf(body["max_completion_tokens"] ?? body["max_tokens"]),
      [genAi.requestTemperature]: numberOf(body["temperature"]),
      [genAi.requestTopP]: numberOf(body["top_p"]),
      "hxp.request.id": exchange.id,
    },
  });
}

/** Ends the span with what came of the request. */
export function endSpan(span: TraceSpan, forwarded: Forwarded): void {
  if (span.traceId === undefined) return;
  const { usage, servedBy, firstByteMs, error, status } = forwarded;
  span.set({
    [genAi.responseModel]: servedBy,
    [genAi.responseTimeToFirstChunk]: firstByteMs === undefined ? undefined : firstByteMs / 1000,
    [genAi.usageInputTokens]: usage.promptTokens,
    [genAi.usageOutputTokens]: usage.completionTokens,
    [genAi.usageCacheReadInputTokens]: usage.cachedTokens,
    "http.response.status_code": status,
  });
  if (error !== undefined) span.fail(error.code.toLowerCase());
  span.end();
}

const noSpan = noTracing.begin("");

/** Without traces, a request costs nothing, unless it brings a trace that is to be passed on. */
function untraced(traceparent: string | undefined): TraceSpan {
  return traceparent === undefined ? noSpan : noTracing.begin("", { traceparent });
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
