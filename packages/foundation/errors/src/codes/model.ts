import type { ErrorEntry } from "../error-entry.ts";

/** Errors of the model room. */
export const modelErrors = {
  MODEL_REQUEST_INVALID: {
    status: 400,
    retryable: false,
    exitCode: 2,
    meaning: "A request to a model has a parameter that is missing, unknown or wrong.",
    fix: "Correct the parameter that the message names.",
  },
  MODEL_UNSUPPORTED: {
    status: 501,
    retryable: false,
    exitCode: 2,
    meaning: "A request asks for what the model, its engine or this server cannot do.",
    fix: "Leave the parameter out that the message names, or ask a model that can.",
  },
  MODEL_REQUEST_TOO_LARGE: {
    status: 413,
    retryable: false,
    exitCode: 2,
    meaning: "A request's body is larger, or its JSON deeper, than the model's process takes.",
    fix: "Send less, or raise body.maxBytes of the model in hxp.yaml.",
  },
  MODEL_NOT_SERVED: {
    status: 404,
    retryable: false,
    exitCode: 2,
    meaning: "A request asks for a model, address or method that this process does not serve.",
    fix: "Ask for what GET /v1/models lists.",
  },
} as const satisfies Record<string, ErrorEntry>;
