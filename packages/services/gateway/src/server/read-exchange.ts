import { HxpError } from "@hxp/errors";
import type { EndpointName, Exchange } from "../pipeline.ts";
import type { Call } from "./call.ts";
import type { JsonObject } from "./parse-body.ts";

/** What of a request its route and its client say beside the body. */
export interface ExchangeInput {
  readonly call: Call;
  readonly endpoint: EndpointName;
  readonly raw: Buffer;
  readonly body: JsonObject;
  readonly signal: AbortSignal;
  /** Tokens of the window of a model by name; undefined: it has no known one. */
  readonly contextLengthOf: (model: string) => number | undefined;
}

const bytesPerToken = 4;
const usualAnswer = 1024;
const maxCount = 10_000_000;

/** Reads from a body what the gateway needs; the rest is the engine's. Throws REQUEST_INVALID with `details.param`. */
export function readExchange({ call, endpoint, raw, body, signal, contextLengthOf }: ExchangeInput): Exchange {
  const model = readModel(body["model"]);
  const stream = readBoolean(body, "stream");
  return {
    id: call.id,
    endpoint,
    arrivedAt: call.arrivedAt,
    key: call.key,
    model,
    raw,
    body,
    stream,
    wantsUsage: stream && wantsUsage(body["stream_options"]),
    estimate: estimate({ endpoint, body, bytes: raw.length, contextLength: contextLengthOf(model) }),
    signal,
  };
}

interface Sized {
  readonly endpoint: EndpointName;
  readonly body: JsonObject;
  readonly bytes: number;
  readonly contextLength: number | undefined;
}

function estimate({ endpoint, body, bytes, contextLength }: Sized): Exchange["estimate"] {
  const bySize = Math.ceil(bytes / bytesPerToken);
  if (endpoint === "embeddings") return { promptTokens: bySize, completionTokens: 0 };
  const prompts = endpoint === "completions" ? countPrompts(body["prompt"]) : 1;
  const promptTokens = Math.min(bySize, (contextLength ?? Number.POSITIVE_INFINITY) * prompts);
  const left =
    contextLength === undefined ? usualAnswer : Math.max(1, contextLength - Math.ceil(promptTokens / prompts));
  const asked = readCount(body, "max_completion_tokens") ?? readCount(body, "max_tokens");
  const choices = Math.max(readCount(body, "n") ?? 1, readCount(body, "best_of") ?? 1);
  const answer = contextLength === undefined ? (asked ?? usualAnswer) : Math.min(asked ?? usualAnswer, left);
  return { promptTokens, completionTokens: answer * choices * prompts };
}

/** A completion may have several prompts: texts, or lists of tokens. */
function countPrompts(prompt: unknown): number {
  if (!Array.isArray(prompt) || prompt.length === 0) return 1;
  return typeof prompt[0] === "number" ? 1 : prompt.length;
}

function readModel(model: unknown): string {
  if (typeof model !== "string" || model === "") {
    throw invalid("model", "The body must name a model, as a text.");
  }
  return model;
}

function readBoolean(body: JsonObject, param: string): boolean {
  const value = body[param] ?? false;
  if (typeof value !== "boolean") throw invalid(param, `${param} must be true or false.`);
  return value;
}

function readCount(body: JsonObject, param: string): number | undefined {
  const value = body[param] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > maxCount) {
    throw invalid(param, `${param} must be a whole number from 0 to ${maxCount}.`);
  }
  return value;
}

function wantsUsage(options: unknown): boolean {
  return (
    typeof options === "object" && options !== null && "include_usage" in options && options.include_usage === true
  );
}

function invalid(param: string, message: string): HxpError {
  return new HxpError("REQUEST_INVALID", message, { details: { param } });
}
