import type { GenerateRequest, Sampling } from "@hxp/engine";
import { type GenerationJob, mostChoices } from "./generation-job.ts";
import { invalid, type Json, readBoolean, readNumber, readObject, show, valueOf } from "./read-fields.ts";

/** Reads how tokens are chosen, with OpenAI's defaults. */
export function readSampling(body: Json): Sampling {
  // Room for the answers that follow the first: they count on from its seed.
  const most = Number.MAX_SAFE_INTEGER - mostChoices;
  const seed = readNumber(body, "seed", { least: Number.MIN_SAFE_INTEGER, most, whole: true });
  const logitBias = readLogitBias(body);
  return {
    temperature: readNumber(body, "temperature", { least: 0, most: 2 }) ?? 1,
    topP: readNumber(body, "top_p", { least: 0, most: 1 }) ?? 1,
    topK: Math.max(0, readNumber(body, "top_k", { least: -1, most: 1_000_000, whole: true }) ?? 0),
    minP: readNumber(body, "min_p", { least: 0, most: 1 }) ?? 0,
    presencePenalty: readNumber(body, "presence_penalty", { least: -2, most: 2 }) ?? 0,
    frequencyPenalty: readNumber(body, "frequency_penalty", { least: -2, most: 2 }) ?? 0,
    ...(seed === undefined ? {} : { seed }),
    ...(logitBias === undefined ? {} : { logitBias }),
  };
}

function readLogitBias(body: Json): ReadonlyMap<number, number> | undefined {
  const bias = readObject(body, "logit_bias");
  if (bias === undefined || Object.keys(bias).length === 0) return undefined;
  const entries = Object.entries(bias).map(([token, value]): [number, number] => {
    const known = /^\d{1,9}$/.test(token) && typeof value === "number" && Math.abs(value) <= 100;
    if (known) return [Number(token), value];
    throw invalid(
      "logit_bias",
      `Invalid value for 'logit_bias': ${show({ [token]: value })}, expected token ids with numbers from -100 to 100.`,
    );
  });
  return new Map(entries);
}

/** Reads the texts at which an answer ends: none, one, or up to four. */
export function readStop(body: Json): readonly string[] {
  const value = valueOf(body, "stop");
  if (value === undefined) return [];
  const stop: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (stop.length <= 4 && stop.every((each): each is string => typeof each === "string")) {
    return stop.filter((each) => each !== "");
  }
  throw invalid("stop", `Invalid value for 'stop': ${show(value)}, expected a string or at most four.`);
}

const tokens = { least: 1, most: 2_147_483_647, whole: true };

/** Reads how many tokens an answer may have. */
export function readMaxTokens(body: Json): Pick<GenerateRequest, "maxTokens"> {
  const older = readNumber(body, "max_tokens", tokens);
  const newer = readNumber(body, "max_completion_tokens", tokens);
  if (older !== undefined && newer !== undefined && older !== newer) {
    throw invalid("max_tokens", "Set either 'max_tokens' or 'max_completion_tokens', not both.");
  }
  const maxTokens = newer ?? older;
  return maxTokens === undefined ? {} : { maxTokens };
}

/** Reads how an answer is told. */
export function readStreaming(body: Json): Pick<GenerationJob, "stream" | "includeUsage" | "continuousUsage"> {
  const stream = readBoolean(body, "stream") ?? false;
  const options = readObject(body, "stream_options");
  if (options !== undefined && !stream) {
    throw invalid("stream_options", "The 'stream_options' parameter is only allowed when 'stream' is enabled.");
  }
  const known = ["include_usage", "continuous_usage_stats", "include_obfuscation"];
  const unknown = Object.keys(options ?? {}).find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalid("stream_options", `Unknown parameter: 'stream_options.${unknown}'.`);
  return {
    stream,
    includeUsage: readBoolean(options ?? {}, "include_usage") ?? false,
    continuousUsage: readBoolean(options ?? {}, "continuous_usage_stats") ?? false,
  };
}
