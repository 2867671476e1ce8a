import { defineLogEvents } from "@hxp/service";

const requestId = { type: "string", description: "The request's id, as in `x-request-id`." } as const;
const error = { type: "error", description: "What happened." } as const;

/** Everything that the gateway says in its log. */
export const gatewayLogEvents = defineLogEvents({
  listening: {
    level: "info",
    message: "The gateway takes requests",
    description: "Once, when the port is open.",
    fields: {
      address: { type: "string", description: "Where clients connect." },
      models: { type: "number", description: "Number of models.", unit: "models" },
    },
  },
  requestFinished: {
    level: "info",
    message: "Request finished",
    description: "After every request with a valid key.",
    fields: {
      requestId,
      keyId: { type: "string", description: "Public part of the API key." },
      endpoint: { type: "string", description: "What was asked for." },
      model: { type: "string", description: "The model that was asked for.", optional: true },
      servedBy: { type: "string", description: "The model and upstream that answered.", optional: true },
      status: { type: "number", description: "HTTP status; 499: the client left.", unit: "status" },
      outcome: { type: "string", description: "completed, cancelled, failed or rejected." },
      code: { type: "string", description: "Error code.", optional: true },
      promptTokens: { type: "number", description: "Tokens of the prompt.", unit: "tokens", optional: true },
      completionTokens: { type: "number", description: "Tokens of the answer.", unit: "tokens", optional: true },
      firstByteMs: { type: "number", description: "Time to the answer's first byte.", unit: "ms", optional: true },
      durationMs: { type: "number", description: "Time to the answer's end.", unit: "ms" },
    },
  },
  accessDenied: {
    level: "warn",
    message: "Access denied",
    description: "For the first denial of its kind in 10 s; the others are counted and written together.",
    fields: {
      reason: { type: "string", description: "Why; as in hxp_gateway_denied_total." },
      keyId: { type: "string", description: "Public part of the API key, if there is such a key.", optional: true },
      address: { type: "string", description: "Where the request came from." },
      count: { type: "number", description: "Denials that this line stands for.", unit: "requests" },
      requestId: { ...requestId, optional: true },
    },
  },
  internalError: {
    level: "error",
    message: "The gateway met a state that it takes to be impossible",
    description: "With the cause that the client was not told. Report it.",
    fields: { requestId, error },
  },
  targetState: {
    level: "warn",
    message: "An upstream changed its state",
    description: "When an upstream is left alone because of faults, is tried again, or is back.",
    fields: {
      target: { type: "string", description: "The upstream." },
      state: { type: "string", description: "open: it gets no requests; half-open: a few; closed: all." },
      why: { type: "string", description: "What decided it." },
    },
  },
  keysUnread: {
    level: "warn",
    message: "Changes of keys cannot be read",
    description: "When the storage stopped to answer. Known keys are taken until keys.cache.outage has passed.",
    fields: { error },
  },
  keysRead: {
    level: "info",
    message: "Changes of keys are read again",
    description: "When the storage answers again.",
    fields: { outageMs: { type: "number", description: "How long it did not.", unit: "ms" } },
  },
  snapshotFailed: {
    level: "warn",
    message: "The snapshot of keys could not be used",
    description: "The file named by keys.cache.snapshot cannot be read or written, or was changed by somebody else.",
    fields: { error },
  },
  usageSpooling: {
    level: "warn",
    message: "Usage is spooled",
    description: "When the storage stopped to take usage. Nothing is lost: it is written to the spool and replayed.",
    fields: { error },
  },
  usageReplayed: {
    level: "info",
    message: "Spooled usage was replayed",
    description: "When the storage has all that was spooled.",
    fields: { records: { type: "number", description: "Records that were replayed.", unit: "records" } },
  },
  usageDropped: {
    level: "error",
    message: "Usage was lost",
    description: "When neither the storage nor the spool takes usage: free disk space or raise usage.maxSpoolBytes.",
    fields: { records: { type: "number", description: "Records that were lost.", unit: "records" }, error },
  },
  usageRejected: {
    level: "error",
    message: "The storage refuses usage",
    description: "The records are set aside and not tried again.",
    fields: {
      file: {
        type: "string",
        description: "Their file in the folder of the spool; memory: there is none, they are lost.",
      },
      error,
    },
  },
  budgetsUnread: {
    level: "warn",
    message: "What budgets have spent cannot be read",
    description: "Until it can, this instance counts by what it knows.",
    fields: { error },
  },
  auditFailed: {
    level: "error",
    message: "The audit log could not be written",
    description: "Admin acts are refused while that is so; denied accesses are answered and counted.",
    fields: { error },
  },
  draining: {
    level: "info",
    message: "The gateway is stopping",
    description: "When it was told to stop.",
    fields: { inFlight: { type: "number", description: "Requests under way.", unit: "requests" } },
  },
  drained: {
    level: "info",
    message: "The gateway has stopped",
    description: "When all requests have ended.",
    fields: {
      completed: { type: "number", description: "Requests that came to their own end.", unit: "requests" },
      cut: { type: "number", description: "Requests that the deadline ended.", unit: "requests" },
      durationMs: { type: "number", description: "How long it took.", unit: "ms" },
    },
  },
});
