/** What an engine says of itself, by the names of vLLM and of @hxp/model. */
export interface EngineLoad {
  /** Requests that it works on, and those that wait there. */
  readonly running: number;
  readonly waiting: number;
  /** Part of its cache of keys and values that is taken, 0 to 1. */
  readonly cacheUsage: number;
}

/** Load beside our own, and when it was so. */
export interface LoadHint {
  /** Requests of others. */
  readonly requests: number;
  readonly cacheUsage: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A hint from what an engine said while we had so many requests there: what is above them is others'. */
export function toHint(load: EngineLoad, { inFlight, at }: { inFlight: number; at: number }): LoadHint {
  return { requests: Math.max(0, load.running + load.waiting - inFlight), cacheUsage: load.cacheUsage, at };
}

/** A hint in tokens, worth half after each half-life. A cache that is full counts as one more request. */
export function hintedTokens(
  hint: LoadHint | undefined,
  { now, halfLife, meanTokens }: { now: number; halfLife: number; meanTokens: number },
): number {
  if (hint === undefined) return 0;
  const worth = 0.5 ** (Math.max(0, now - hint.at) / halfLife);
  return worth * meanTokens * (hint.requests + hint.cacheUsage);
}

const names: ReadonlyMap<string, keyof EngineLoad> = new Map([
  ["vllm:num_requests_running", "running"],
  ["vllm:num_requests_waiting", "waiting"],
  ["vllm:kv_cache_usage_perc", "cacheUsage"],
  ["vllm:gpu_cache_usage_perc", "cacheUsage"],
  ["hxp_engine_requests_running", "running"],
  ["hxp_engine_requests_waiting", "waiting"],
  ["hxp_engine_cache_usage", "cacheUsage"],
  ["hxp_engine_cache_usage_ratio", "cacheUsage"],
]);

/**
 * Reads an engine's load from Prometheus' text format; undefined: there is none in it. Several engines behind one page
 * are summed up, their caches by the fullest; a server that speaks both vocabularies counts once.
 */
export function parseEngineLoad(text: string): EngineLoad | undefined {
  const found = new Map<string, number>();
  for (const line of text.split("\n")) {
    const { name, value } = parseSample(line);
    const key = names.get(name);
    if (key === undefined || !(value >= 0 && Number.isFinite(value))) continue;
    const before = found.get(name) ?? 0;
    found.set(name, key === "cacheUsage" ? Math.max(before, Math.min(1, value)) : before + value);
  }
  return found.size === 0 ? undefined : toLoad(found);
}

/** `name{labels} value`; labels are text that a model's name may stand in. */
function parseSample(line: string): { name: string; value: number } {
  const { name = "", value } = /^(?<name>[a-zA-Z_:][\w:]*)(?:\{.*\})?\s+(?<value>\S+)/.exec(line)?.groups ?? {};
  return { name, value: Number(value) };
}

function toLoad(found: ReadonlyMap<string, number>): EngineLoad {
  const load = { running: 0, waiting: 0, cacheUsage: 0 };
  for (const [name, amount] of found) {
    const key = names.get(name);
    if (key !== undefined) load[key] = Math.max(load[key], amount);
  }
  return load;
}
