/** Two points of a distribution, in milliseconds. */
interface Percentiles {
  p50: number;
  p99: number;
}

/** What a load has seen. */
export interface LoadResult {
  /** Requests that were answered well. */
  requests: number;
  /** Requests that were not. */
  failures: number;
  /** All requests that were answered well, those of the warm-up too. */
  total: number;
  requestsPerSecond: number;
  /** From the moment at which a request was to be sent until its answer was whole. */
  latency: Percentiles;
  /** Until the first byte of the answer's body: of a stream, its first token. */
  firstByte: Percentiles;
}

/** Collects how requests went, from `from` on as `performance.now()`; what was to be sent before is warming up. */
export class Recorder {
  readonly #from: number;
  readonly #latencies: number[] = [];
  readonly #firstBytes: number[] = [];
  #failures = 0;
  #lastAt = 0;
  #total = 0;

  constructor(from: number) {
    this.#from = from;
  }

  /** Adds a request that was to be sent at `at` and has ended now. */
  add(at: number, { ok, firstByteAt }: { readonly ok: boolean; readonly firstByteAt: number }): void {
    if (ok) this.#total += 1;
    if (at < this.#from) return;
    const now = performance.now();
    this.#lastAt = now;
    if (ok) {
      this.#latencies.push(now - at);
      this.#firstBytes.push(firstByteAt - at);
    } else this.#failures += 1;
  }

  result(): LoadResult {
    const seconds = (this.#lastAt - this.#from) / 1000;
    return {
      requests: this.#latencies.length,
      failures: this.#failures,
      total: this.#total,
      requestsPerSecond: seconds > 0 ? this.#latencies.length / seconds : 0,
      latency: percentilesOf(this.#latencies),
      firstByte: percentilesOf(this.#firstBytes),
    };
  }
}

function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = Float64Array.from(values).toSorted();
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}
