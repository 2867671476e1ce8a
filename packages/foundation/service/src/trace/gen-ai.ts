/**
 * Which release of open-telemetry/semantic-conventions-genai the names of {@link genAi} are from. Its status is "Development": names
 * may change with any release, so a change of this version is a change of what dashboards see.
 */
export const genAiConventions = "0.1.0";

/** Attribute names of spans about generative AI. Those that would hold content of requests are left out on purpose. */
export const genAi = {
  operationName: "gen_ai.operation.name",
  providerName: "gen_ai.provider.name",
  requestModel: "gen_ai.request.model",
  requestStream: "gen_ai.request.stream",
  requestMaxTokens: "gen_ai.request.max_tokens",
  requestTemperature: "gen_ai.request.temperature",
  requestTopP: "gen_ai.request.top_p",
  requestSeed: "gen_ai.request.seed",
  requestChoiceCount: "gen_ai.request.choice.count",
  responseId: "gen_ai.response.id",
  responseModel: "gen_ai.response.model",
  responseFinishReasons: "gen_ai.response.finish_reasons",
  /** Seconds. */
  responseTimeToFirstChunk: "gen_ai.response.time_to_first_chunk",
  usageInputTokens: "gen_ai.usage.input_tokens",
  usageOutputTokens: "gen_ai.usage.output_tokens",
  usageCacheReadInputTokens: "gen_ai.usage.cache_read.input_tokens",
  errorType: "error.type",
  serverAddress: "server.address",
  serverPort: "server.port",
} as const;

/** Values of `gen_ai.operation.name`. */
export type GenAiOperation = "chat" | "text_completion" | "embeddings";

/** The name of a span: `chat gpt-4`. */
export function genAiSpanName(operation: GenAiOperation, model: string): string {
  return `${operation} ${model}`;
}
