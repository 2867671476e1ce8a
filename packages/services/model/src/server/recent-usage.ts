import type { OpenAiUsage } from "../openai/usage-meter.ts";

/** What a request has used, and whether that is all. */
export interface UsageReport extends Omit<OpenAiUsage, "total_tokens"> {
  readonly ended: boolean;
}

/** What recent requests have used, by their ids: the latest `most`, and all that still run. */
export class RecentUsage {
  readonly #running = new Map<string, () => OpenAiUsage>();
  readonly #ended = new Map<string, OpenAiUsage>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** Notes a request that begins. Returns what to call at its end; a second one with the same id takes its place. */
  begin(id: string, usage: () => OpenAiUsage): () => void {
    this.#running.set(id, usage);
    this.#ended.delete(id);
    return () => {
      if (this.#running.get(id) !== usage) return;
      this.#running.delete(id);
      this.#ended.set(id, usage());
      const [oldest] = this.#ended.keys();
      if (this.#ended.size > this.#most && oldest !== undefined) this.#ended.delete(oldest);
    };
  }

  find(id: string): UsageReport | undefined {
    const running = this.#running.get(id)?.();
    const usage = running ?? this.#ended.get(id);
    if (usage === undefined) return undefined;
    const { prompt_tokens, completion_tokens, prompt_tokens_details } = usage;
    return { prompt_tokens, completion_tokens, prompt_tokens_details, ended: running === undefined };
  }
}
