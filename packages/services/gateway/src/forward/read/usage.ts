/** What an engine says about the tokens of a request. */
export interface EngineUsage {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
}

/** Reads OpenAI's `usage`; undefined: it is not one. Counts that are missing are 0. */
export function readUsage(value: unknown): EngineUsage | undefined {
  if (!isRecord(value)) return undefined;
  const { prompt_tokens: prompt, completion_tokens: completion, prompt_tokens_details: details } = value;
  if (!isCount(prompt) && !isCount(completion)) return undefined;
  const cached = isRecord(details) ? details["cached_tokens"] : 0;
  return {
    promptTokens: isCount(prompt) ? prompt : 0,
    cachedTokens: isCount(cached) ? cached : 0,
    completionTokens: isCount(completion) ? completion : 0,
  };
}

/** Reads OpenAI's `usage` from JSON whose grammar was checked. */
export function parseUsage(json: Buffer): EngineUsage | undefined {
  return readUsage(JSON.parse(json.toString()));
}

/** OpenAI's shape of what was counted. */
export function renderUsage(usage: EngineUsage): Record<string, unknown> {
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.promptTokens + usage.completionTokens,
    ...(usage.cachedTokens === 0 ? {} : { prompt_tokens_details: { cached_tokens: usage.cachedTokens } }),
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
