import type { HxpError } from "@hxp/errors";
import type { Instruments, LogEvents } from "@hxp/service";
import type { gatewayLogEvents } from "../catalogue/log-events.ts";
import type { gatewayMetrics } from "../catalogue/metrics.ts";
import type { EndedRequest } from "../server/create-handler.ts";
import type { Route } from "../server/routes.ts";
import type { DenialLog } from "./denial-log.ts";

/** What {@link createRequestObserver} takes. */
export interface RequestObserverOptions {
  readonly metrics: Instruments<typeof gatewayMetrics>;
  readonly log: LogEvents<typeof gatewayLogEvents>;
  readonly denials: DenialLog;
  readonly clock: () => number;
}

/** Makes the function that counts and logs every request after its answer. */
export function createRequestObserver(options: RequestObserverOptions): (ended: EndedRequest) => void {
  const { log, denials, clock } = options;
  return (ended) => {
    const { id, key, error, summary } = ended;
    const durationMs = Math.max(0, clock() - ended.arrivedAt);
    const endpoint = endpointOf(ended);
    const model = ended.model ?? "unknown";
    measure({ endpoint, model, durationMs, ended }, options.metrics);
    if (error !== undefined && isDenial(error)) denials.add(ended, error);
    if (error?.code === "INTERNAL") log.internalError({ requestId: id, error });
    if (key === undefined) return;
    const { status, outcome, code, servedBy, promptTokens, completionTokens, firstByteMs } = summary;
    log.requestFinished({
      requestId: id,
      keyId: key.id,
      endpoint,
      model: ended.model,
      servedBy,
      status,
      outcome,
      code,
      promptTokens,
      completionTokens,
      firstByteMs,
      durationMs,
    });
  };
}

/** A model that a key may not use is denied as one that is not there. */
function isDenial({ code, details }: HxpError): boolean {
  return code === "API_KEY_INVALID" || code === "PERMISSION_DENIED" || details["reason"] === "model";
}

interface Measured {
  readonly endpoint: string;
  readonly model: string;
  readonly durationMs: number;
  readonly ended: EndedRequest;
}

function measure(
  { endpoint, model, durationMs, ended: { summary, error } }: Measured,
  metrics: RequestObserverOptions["metrics"],
): void {
  const { status, outcome, firstByteMs } = summary;
  metrics.requests.add({ endpoint, model, status: String(status), outcome });
  metrics.duration.observe({ endpoint, model }, durationMs / 1000);
  if (firstByteMs !== undefined) metrics.firstByte.observe({ endpoint, model }, firstByteMs / 1000);
  const { promptTokens = 0, cachedTokens = 0, completionTokens = 0 } = summary;
  if (promptTokens > 0) metrics.tokens.add({ model, kind: "prompt" }, promptTokens);
  if (cachedTokens > 0) metrics.tokens.add({ model, kind: "cached" }, cachedTokens);
  if (completionTokens > 0) metrics.tokens.add({ model, kind: "completion" }, completionTokens);
  if (status === 429 && error !== undefined) metrics.limited.add({ code: error.code, model });
}

const groups: Partial<Record<Route["name"], string>> = {
  chat: "chat",
  completions: "completions",
  embeddings: "embeddings",
  listModels: "models",
  readModel: "models",
};

function endpointOf({ route, error }: EndedRequest): string {
  if (route === undefined) return error?.code === "ENDPOINT_UNSUPPORTED" ? "unsupported" : "unknown";
  return groups[route.name] ?? "admin";
}
