import type { Usage } from "@hxp/engine";
import type { JobChoice } from "./generation-job.ts";

/** Usage as OpenAI's API tells it. */
export interface OpenAiUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: { readonly cached_tokens: number };
}

/** Sums up what the answers to one request used: each prompt once, every answer's tokens. */
export class UsageMeter {
  readonly #byChoice = new Map<JobChoice, Usage>();

  /** Notes what an answer has used up to now. */
  note(choice: JobChoice, usage: Usage): void {
    this.#byChoice.set(choice, usage);
  }

  total(): OpenAiUsage {
    const prompts = new Map<number, Usage>();
    let completionTokens = 0;
    for (const [{ prompt }, usage] of this.#byChoice) {
      completionTokens += usage.completionTokens;
      const known = prompts.get(prompt);
      // The first that read the prompt found the least of it in the cache.
      if (known === undefined || known.promptTokens === 0) prompts.set(prompt, usage);
    }
    const promptTokens = sum([...prompts.values()].map((usage) => usage.promptTokens));
    return toOpenAiUsage({
      promptTokens,
      completionTokens,
      cachedTokens: sum([...prompts.values()].map((usage) => usage.cachedTokens)),
    });
  }
}

export function toOpenAiUsage({ promptTokens, completionTokens, cachedTokens }: Usage): OpenAiUsage {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
