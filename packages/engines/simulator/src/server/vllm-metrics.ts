import type { EngineMetrics } from "@hxp/engine";

/** Upper bounds, in seconds, as vLLM has them. */
const bounds = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560,
];

/** Counts times to the first token by size. */
export class FirstTokenTimes {
  readonly #counts = bounds.map(() => 0);
  #sum = 0;
  #count = 0;

  observe(seconds: number): void {
    this.#sum += seconds;
    this.#count += 1;
    for (const [index, bound] of bounds.entries()) {
      if (seconds <= bound) this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    }
  }

  render(name: string, labels: string): string[] {
    const buckets = bounds.map((bound, index) => `${name}_bucket{${labels},le="${bound}"} ${this.#counts[index]}`);
    return [
      `# TYPE ${name} histogram`,
      ...buckets,
      `${name}_bucket{${labels},le="+Inf"} ${this.#count}`,
      `${name}_sum{${labels}} ${this.#sum}`,
      `${name}_count{${labels}} ${this.#count}`,
    ];
  }
}

/** Renders what vLLM serves at `/metrics`, by its names. */
export function renderVllmMetrics(model: string, metrics: EngineMetrics, firstTokens: FirstTokenTimes): string {
  const labels = `engine="0",model_name="${model.replaceAll(/["\\\n]/g, "_")}"`;
  const line = (type: "gauge" | "counter", name: string, value: number): string[] => [
    `# TYPE vllm:${name} ${type}`,
    `vllm:${name}{${labels}} ${value}`,
  ];
  const ended = (["stop", "length", "abort"] as const).map((reason) => {
    const count = metrics.ended[reason === "abort" ? "aborted" : reason];
    return `vllm:request_success_total{${labels},finished_reason="${reason}"} ${count}`;
  });
  const lines = [
    ...line("gauge", "num_requests_running", metrics.running),
    ...line("gauge", "num_requests_waiting", metrics.waiting),
    ...line("gauge", "kv_cache_usage_perc", metrics.cacheUsage),
    ...line("counter", "prompt_tokens_total", metrics.promptTokens),
    ...line("counter", "generation_tokens_total", metrics.completionTokens),
    ...line("counter", "prefix_cache_queries_total", metrics.promptTokens),
    ...line("counter", "prefix_cache_hits_total", metrics.cachedTokens),
    "# TYPE vllm:request_success_total counter",
    ...ended,
    ...firstTokens.render("vllm:time_to_first_token_seconds", labels),
  ];
  return `${lines.join("\n")}\n`;
}
