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
  MODEL_DIGEST_MISMATCH: {
    status: 500,
    retryable: false,
    exitCode: 15,
    meaning: "A model's file is not the one that its digest names, so it is not loaded.",
    fix: "Find out who changed the file; fetch it again with hxp models pull, or correct the digest in hxp.yaml.",
  },
  MODEL_FILE_MISSING: {
    status: 500,
    retryable: false,
    exitCode: 2,
    meaning: "A model's file does not exist or cannot be read.",
    fix: "Correct the source in hxp.yaml, fetch the model with hxp models pull, or let this user read the file.",
  },
  MODEL_FORMAT_REFUSED: {
    status: 400,
    retryable: false,
    exitCode: 15,
    meaning:
      "A file is neither GGUF nor safetensors; other formats of models may hold code that runs when they are loaded.",
    fix: "Choose a GGUF or safetensors file of the model.",
  },
  MODEL_WARM_UP_FAILED: {
    status: 503,
    retryable: false,
    exitCode: 14,
    meaning: "A model was loaded, but did not generate anything, or not the answer that it is known to give.",
    fix: "Check that the file, the chat template and the known answer in hxp.yaml belong together.",
  },
  MODEL_SOURCE_INVALID: {
    status: 400,
    retryable: false,
    exitCode: 2,
    meaning: "What a model is to be pulled from, or called, is not what the store takes.",
    fix: "Give a name that hxp models catalogue lists, an https URL or owner/repo/file.gguf; a name in the store has lower-case letters, digits and dashes.",
  },
  MODEL_PULL_REFUSED: {
    status: 502,
    retryable: false,
    exitCode: 1,
    meaning: "A server does not give a model's file, or not in a way that can be trusted.",
    fix: "Check repo, revision and file; give a token where the model asks for one, and accept its terms on its page.",
  },
  MODEL_PULL_FAILED: {
    status: 502,
    retryable: true,
    exitCode: 1,
    meaning:
      "A model's file did not arrive, after all retries: the server did not answer, broke off or was overloaded.",
    fix: "Run the command again: it goes on where it stopped.",
  },
  MODEL_NAME_TAKEN: {
    status: 409,
    retryable: false,
    exitCode: 2,
    meaning: "The store has another model of this name.",
    fix: "Pull it under another name with --name, or remove the other one first.",
  },
  MODEL_NOT_FOUND: {
    status: 404,
    retryable: false,
    exitCode: 2,
    meaning: "The store has no model of this name, or its file is gone.",
    fix: "Look at hxp models list, and fetch it with hxp models pull.",
  },
  MODEL_IN_USE: {
    status: 409,
    retryable: true,
    exitCode: 12,
    meaning: "A process serves a model that is to be removed.",
    fix: "End that process, then remove the model.",
  },
  MODEL_MANIFEST_INVALID: {
    status: 500,
    retryable: false,
    exitCode: 2,
    meaning: "A file of the store is not the manifest of a model.",
    fix: "Remove the file that the message names and pull the model again: its data is not fetched twice.",
  },
  MODEL_STORE_UNUSABLE: {
    status: 500,
    retryable: false,
    exitCode: 1,
    meaning: "The store of models cannot be written to or locked.",
    fix: "Let this user write to the folder that the message names, or set models.store in hxp.yaml.",
  },
} as const satisfies Record<string, ErrorEntry>;
