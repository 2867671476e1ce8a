import { defineLogEvents } from "@hxp/service";

/** What a model's process says in its log, beside what every service says. */
export const modelEvents = defineLogEvents({
  modelLoaded: {
    level: "info",
    message: "The model is loaded",
    description: "The model's file was verified, where it has a digest, and is in memory.",
    fields: {
      model: { type: "string", description: "Name that clients ask for." },
      engine: { type: "string", description: "Name of the engine." },
      about: { type: "string", description: "What the engine says of the model." },
      contextLength: { type: "number", unit: "tokens", description: "Prompt and answer together." },
      sha256: {
        type: "string",
        optional: true,
        description: "Digest that the file has; without one nothing was verified.",
      },
    },
  },
  engineWarning: {
    level: "warn",
    message: "The engine warns",
    description:
      "The engine's own log has a warning, such as a context that is longer than what the model was made for.",
    fields: {
      model: { type: "string", description: "Name that clients ask for." },
      line: { type: "string", description: "The line, in the engine's words." },
    },
  },
  engineError: {
    level: "error",
    message: "The engine tells of an error",
    description: "The engine's own log has an error. Where it fails a request or the start, that is said as well.",
    fields: {
      model: { type: "string", description: "Name that clients ask for." },
      line: { type: "string", description: "The line, in the engine's words." },
    },
  },
  listening: {
    level: "info",
    message: "Listening",
    description: "Requests are taken; the model counts as ready when it has answered one.",
    fields: { address: { type: "string", description: "Where." } },
  },
  requestEnded: {
    level: "info",
    message: "A request has ended",
    description: "One line for each request for text or embeddings.",
    fields: {
      requestId: { type: "string", description: "Value of x-request-id." },
      endpoint: { type: "string", description: "chat, completions or embeddings." },
      outcome: { type: "string", description: "completed, failed or cancelled (the client left)." },
      promptTokens: { type: "number", unit: "tokens", description: "Tokens of the prompts." },
      completionTokens: { type: "number", unit: "tokens", description: "Tokens that were generated." },
      durationMs: { type: "number", unit: "ms", description: "From arrival to the end." },
      firstTokenMs: { type: "number", unit: "ms", optional: true, description: "From arrival to the first token." },
      code: { type: "string", optional: true, description: "Error code of a request that failed." },
    },
  },
  requestFailed: {
    level: "error",
    message: "A request failed",
    description: "The engine, or this process, is at fault.",
    fields: {
      requestId: { type: "string", description: "Value of x-request-id." },
      error: { type: "error", description: "What went wrong." },
    },
  },
});
