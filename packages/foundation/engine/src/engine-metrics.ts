/** What an engine counts of itself; the counters only grow while a model is loaded. */
export interface EngineMetrics {
  /** Requests that are being generated now. */
  readonly running: number;
  /** Requests that wait for a sequence now. */
  readonly waiting: number;
  /** Share of the cache of keys and values that is in use, from 0 to 1. */
  readonly cacheUsage: number;
  /** Prompt tokens read since loading, those reused from the cache included. */
  readonly promptTokens: number;
  /** Prompt tokens since loading that were reused from the cache. */
  readonly cachedTokens: number;
  /** Tokens generated since loading, those of aborted requests included. */
  readonly completionTokens: number;
  /** Requests ended since loading, by the reason of their end. */
  readonly ended: Readonly<Record<"stop" | "length" | "aborted" | "failed", number>>;
}
