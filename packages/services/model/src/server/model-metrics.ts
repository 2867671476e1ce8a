import type { LoadedModel } from "@hxp/engine";
import { defineMetrics, type Instruments, type Metrics } from "@hxp/service";

const endpoint = { description: "What was asked for.", values: ["chat", "completions", "embeddings"] };

/** What a model's process measures. */
export const modelMetrics = defineMetrics({
  // The first, so that it is read first: reading it brings the counters of the engine up to date.
  running: {
    type: "gauge",
    name: "hxp_engine_requests_running",
    help: "Requests that the engine generates now.",
  },
  waiting: {
    type: "gauge",
    name: "hxp_engine_requests_waiting",
    help: "Requests that wait for a sequence of the engine.",
  },
  cacheUsage: {
    type: "gauge",
    name: "hxp_engine_cache_usage_ratio",
    help: "Share of the cache of keys and values that is in use, from 0 to 1.",
  },
  promptTokens: {
    type: "counter",
    name: "hxp_engine_prompt_tokens_total",
    help: "Prompt tokens that the engine read, those from the cache included.",
  },
  cachedTokens: {
    type: "counter",
    name: "hxp_engine_cached_tokens_total",
    help: "Prompt tokens that the engine reused from the cache.",
  },
  completionTokens: {
    type: "counter",
    name: "hxp_engine_completion_tokens_total",
    help: "Tokens that the engine generated, those of aborted requests included.",
  },
  ended: {
    type: "counter",
    name: "hxp_engine_requests_ended_total",
    help: "Requests that the engine ended, by reason.",
    labels: { reason: { description: "Why it ended.", values: ["stop", "length", "aborted", "failed"] } },
  },
  requests: {
    type: "counter",
    name: "hxp_model_requests_total",
    help: "Requests that were answered, by how it ended.",
    labels: {
      endpoint,
      outcome: {
        description: "How it ended: with an answer, with an error, or because the client left.",
        values: ["completed", "failed", "cancelled"],
      },
    },
  },
  requestSeconds: {
    type: "histogram",
    name: "hxp_model_request_seconds",
    help: "From a request's arrival to the end of its answer.",
    labels: { endpoint },
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
  },
  firstTokenSeconds: {
    type: "histogram",
    name: "hxp_model_first_token_seconds",
    help: "From a request's arrival to its first token.",
    labels: { endpoint },
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  },
});

/** The instruments of a model's process. */
export type ModelInstruments = Instruments<typeof modelMetrics>;

/** Registers the metrics of a model's process; those of the engine are read from it whenever they are asked for. */
export function registerModelMetrics(metrics: Metrics, model: LoadedModel): ModelInstruments {
  const instruments = metrics.register(modelMetrics);
  let known = model.metrics();
  instruments.running.read({}, () => {
    const now = model.metrics();
    for (const name of ["promptTokens", "cachedTokens", "completionTokens"] as const) {
      instruments[name].add({}, Math.max(0, now[name] - known[name]));
    }
    for (const reason of ["stop", "length", "aborted", "failed"] as const) {
      instruments.ended.add({ reason }, Math.max(0, now.ended[reason] - known.ended[reason]));
    }
    known = now;
    return now.running;
  });
  instruments.waiting.read({}, () => model.metrics().waiting);
  instruments.cacheUsage.read({}, () => model.metrics().cacheUsage);
  return instruments;
}
