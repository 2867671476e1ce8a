import type { Capabilities, GenerateRequest } from "@hxp/engine";
import { forAnswer, type GenerationJob, mostChoices } from "./generation-job.ts";
import { checkParameters } from "./parameters.ts";
import {
  invalid,
  type Json,
  missing,
  readBoolean,
  readNumber,
  requireText,
  show,
  unsupported,
  valueOf,
} from "./read-fields.ts";
import { readMaxTokens, readSampling, readStop, readStreaming } from "./read-sampling.ts";

/** Tokens of an answer that nobody bounds, as OpenAI has it for this endpoint. */
const defaultMaxTokens = 16;

/** Reads a request to `/v1/completions`. Throws MODEL_REQUEST_INVALID or MODEL_UNSUPPORTED. */
export function readCompletionRequest(body: Json, can: Capabilities): GenerationJob {
  checkParameters("completions", body);
  const model = requireText(body, "model");
  if (!can.completion) throw unsupported("prompt", "this model only answers conversations.");
  const prompts = readTexts(body, "prompt");
  const count = readNumber(body, "n", { least: 1, most: mostChoices, whole: true }) ?? 1;
  if (prompts.length * count > mostChoices) {
    throw invalid(
      "n",
      `Invalid value for 'n': ${prompts.length} prompts with ${count} answers each, expected at most ${mostChoices} answers.`,
    );
  }
  const echo = readBoolean(body, "echo") ?? false;
  const shared: Omit<GenerateRequest, "id" | "prompt"> = {
    sampling: readSampling(body),
    stop: readStop(body),
    maxTokens: defaultMaxTokens,
    ...readMaxTokens(body),
    ...readLogprobs(body, { can, echo }),
  };
  const choices = prompts.flatMap((text, prompt) => {
    const request = { ...shared, prompt: { type: "text", text } as const };
    return Array.from({ length: count }, (_, each) => ({
      index: prompt * count + each,
      prompt,
      request: forAnswer(request, each),
      echo: echo ? text : "",
    }));
  });
  return { endpoint: "completions", model, choices, oneCallOnly: false, ...readStreaming(body) };
}

function readLogprobs(
  body: Json,
  { can, echo }: { can: Capabilities; echo: boolean },
): Pick<GenerateRequest, "topLogprobs"> {
  const top = readNumber(body, "logprobs", { least: 0, most: 5, whole: true });
  if (top === undefined) return {};
  if (!can.logprobs) throw unsupported("logprobs", "the engine tells no probabilities.");
  if (echo) throw unsupported("logprobs", "those of the prompt are not known; leave 'echo' out.");
  return { topLogprobs: top };
}

/** Reads one text or a list of them; tokens instead of text are refused with 501. */
export function readTexts(body: Json, name: string): readonly string[] {
  const value = valueOf(body, name);
  if (value === undefined) throw missing(name);
  if (typeof value === "string") return [value];
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  if (list.length === 0)
    throw invalid(name, `Invalid value for '${name}': ${show(value)}, expected a string or a list of them.`);
  if (list.every((each): each is string => typeof each === "string")) return list;
  if (list.every((each) => typeof each === "number" || Array.isArray(each))) {
    throw unsupported(name, "it has to be text, not tokens.");
  }
  throw invalid(name, `Invalid value for '${name}': ${show(value)}, expected a string or a list of them.`);
}
