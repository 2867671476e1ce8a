import { defineMetrics } from "@hxp/service";

const endpoint = {
  description: "What was asked for.",
  values: ["chat", "completions", "embeddings", "models", "admin", "unsupported", "unknown"],
};
const model = { description: "The model that was asked for; `unknown` where the gateway has none of that name." };
const outcome = { description: "How it ended.", values: ["completed", "cancelled", "failed", "rejected"] };
const target = { description: "The upstream: the model and its place in the list." };
const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** Everything that the gateway measures. */
export const gatewayMetrics = defineMetrics({
  requests: {
    type: "counter",
    name: "hxp_gateway_requests_total",
    help: "Requests that were answered, cancelled or refused.",
    labels: { endpoint, model, status: { description: "HTTP status; 499: the client left." }, outcome },
  },
  inFlight: {
    type: "gauge",
    name: "hxp_gateway_requests_in_flight",
    help: "Requests that are being answered.",
  },
  duration: {
    type: "histogram",
    name: "hxp_gateway_request_duration_seconds",
    help: "Time from a request's arrival to the end of its answer.",
    labels: { endpoint, model },
    buckets: seconds,
  },
  firstByte: {
    type: "histogram",
    name: "hxp_gateway_first_byte_seconds",
    help: "Time from a request's arrival to the first byte of the model's answer.",
    labels: { endpoint, model },
    buckets: seconds,
  },
  queueWait: {
    type: "histogram",
    name: "hxp_gateway_queue_wait_seconds",
    help: "Time that requests waited for a free upstream; those that did not wait are not counted.",
    labels: { model },
    buckets: seconds,
  },
  waiting: {
    type: "gauge",
    name: "hxp_gateway_requests_waiting",
    help: "Requests that wait for a free upstream.",
    labels: { model },
  },
  tokens: {
    type: "counter",
    name: "hxp_gateway_tokens_total",
    help: "Tokens that were accounted.",
    labels: {
      model,
      kind: {
        description: "Of the prompt, of it from the engine's cache, or of the answer.",
        values: ["prompt", "cached", "completion"],
      },
    },
  },
  limited: {
    type: "counter",
    name: "hxp_gateway_limited_total",
    help: "Requests that a limit refused (429).",
    labels: { code: { description: "Error code.", limit: 10 }, model },
  },
  denied: {
    type: "counter",
    name: "hxp_gateway_denied_total",
    help: "Requests that were denied access (401, 403, and 404 for a model that the key may not use).",
    labels: {
      reason: {
        description: "Why.",
        values: ["missing", "malformed", "unknown", "wrong-secret", "revoked", "expired", "scope", "model", "admin"],
      },
    },
  },
  attempts: {
    type: "counter",
    name: "hxp_gateway_attempts_total",
    help: "Requests that were sent to an upstream.",
    labels: {
      target,
      result: { description: "What came of it.", values: ["ok", "fault", "busy", "neutral"] },
    },
  },
  retries: {
    type: "counter",
    name: "hxp_gateway_retries_total",
    help: "Attempts after the first one.",
    labels: { code: { description: "Error code of the attempt before.", limit: 30 } },
  },
  cancelPropagation: {
    type: "histogram",
    name: "hxp_gateway_cancel_propagation_seconds",
    help: "Time from a client's leaving to the end of the upstream's work for it.",
    labels: {
      phase: {
        description: "Where the request was.",
        values: ["queued", "backing-off", "connecting", "before-first-token", "streaming", "answering"],
      },
    },
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  },
  targetState: {
    type: "gauge",
    name: "hxp_gateway_target_state",
    help: "Whether an upstream gets requests: 0 all, 1 a few to try it, 2 none.",
    labels: { target },
  },
  keys: {
    type: "gauge",
    name: "hxp_gateway_keys",
    help: "API keys that are held in memory.",
  },
  keysAge: {
    type: "gauge",
    name: "hxp_gateway_keys_age_seconds",
    help: "Time since the keys were last read from the storage.",
  },
  usageRecords: {
    type: "counter",
    name: "hxp_gateway_usage_records_total",
    help: "Usage records by what became of them.",
    labels: {
      fate: {
        description: "Written to the storage, to the local spool, from there to the storage, or lost.",
        values: ["stored", "spooled", "replayed", "dropped"],
      },
    },
  },
  usagePending: {
    type: "gauge",
    name: "hxp_gateway_usage_pending_records",
    help: "Usage records in memory that are neither stored nor spooled yet.",
  },
  spoolBytes: {
    type: "gauge",
    name: "hxp_gateway_usage_spool_bytes",
    help: "Size of the usage that waits on disk for the storage.",
  },
  auditFailures: {
    type: "counter",
    name: "hxp_gateway_audit_failures_total",
    help: "Events that could not be written to the audit log.",
  },
  cutStreams: {
    type: "counter",
    name: "hxp_gateway_cut_total",
    help: "Requests that a stop of the gateway ended at its deadline.",
  },
});
