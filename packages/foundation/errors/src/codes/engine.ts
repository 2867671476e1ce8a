import type { ErrorEntry } from "../error-entry.ts";

/** Errors of engines, and of loading what they run. */
export const engineErrors = {
  ENGINE_UNAVAILABLE: {
    status: 503,
    retryable: false,
    exitCode: 1,
    meaning: "An engine, or the build of it that was asked for, is not installed or does not run on this computer.",
    fix: "Install the package that the message names, or choose another engine or variant.",
  },
  ENGINE_REQUEST_INVALID: {
    status: 400,
    retryable: false,
    exitCode: 2,
    meaning: "A request to an engine has a value that it does not take.",
    fix: "Correct the parameter that the message names.",
  },
  ENGINE_CONTEXT_EXCEEDED: {
    status: 400,
    retryable: false,
    exitCode: 2,
    meaning: "A prompt, with the answer that was asked for, is longer than the model's context.",
    fix: "Shorten the messages or ask for fewer tokens; the message has the numbers.",
  },
  ENGINE_UNSUPPORTED: {
    status: 501,
    retryable: false,
    exitCode: 2,
    meaning: "The engine or model cannot do what was asked for.",
    fix: "Leave the parameter out that the message names, or ask a model that can.",
  },
  ENGINE_FAILED: {
    status: 500,
    retryable: true,
    exitCode: 1,
    meaning: "An engine failed while it generated an answer.",
    fix: "Ask again; when it goes on, read the log of the model that the message names.",
  },
  MODEL_FILE_INVALID: {
    status: 500,
    retryable: false,
    exitCode: 2,
    meaning: "A file is not a model that the engine can load.",
    fix: "Fetch it again with hxp models pull, in a format that the message lists.",
  },
  MODEL_MEMORY_EXCEEDED: {
    status: 503,
    retryable: false,
    exitCode: 2,
    meaning: "Loading a model would take more memory than there is.",
    fix: "Choose a smaller model or quantization, fewer sequences or a shorter context; the message has the numbers.",
  },
} as const satisfies Record<string, ErrorEntry>;
