import { type Bucket, remaining, untilFull } from "./bucket.ts";

/** The tightest limits that a request meets; undefined: there is none. */
export interface Buckets {
  readonly requests: Bucket | undefined;
  readonly tokens: Bucket | undefined;
}

/** Headers `x-ratelimit-*` as OpenAI sends them, of the scope that has least left, of requests and of tokens. */
export function rateLimitHeaders(scopes: readonly Buckets[]): Record<string, string> {
  const headers: Record<string, string> = {};
  const requests = tightest(scopes, "requests");
  if (requests !== undefined) {
    headers["x-ratelimit-limit-requests"] = String(requests.limit);
    headers["x-ratelimit-remaining-requests"] = String(remaining(requests));
    headers["x-ratelimit-reset-requests"] = formatDuration(untilFull(requests));
  }
  const tokens = tightest(scopes, "tokens");
  if (tokens !== undefined) {
    headers["x-ratelimit-limit-tokens"] = String(tokens.limit);
    headers["x-ratelimit-remaining-tokens"] = String(remaining(tokens));
    headers["x-ratelimit-reset-tokens"] = formatDuration(untilFull(tokens));
  }
  return headers;
}

/** A duration as OpenAI writes it: `120ms`, `1s`, `8.64s`, `6m0s`, `1h0m30s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return milliseconds === 0 ? "0s" : `${milliseconds}ms`;
  const hours = Math.floor(milliseconds / 3_600_000);
  const minutes = Math.floor((milliseconds % 3_600_000) / 60_000);
  const seconds = `${(milliseconds % 60_000) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

function tightest(scopes: readonly Buckets[], kind: keyof Buckets): Bucket | undefined {
  let found: Bucket | undefined;
  for (const scope of scopes) {
    const bucket = scope[kind];
    if (bucket === undefined) continue;
    if (found === undefined || isTighter(bucket, found)) found = bucket;
  }
  return found;
}

function isTighter(bucket: Bucket, than: Bucket): boolean {
  const difference = remaining(bucket) - remaining(than);
  return difference === 0 ? untilFull(bucket) > untilFull(than) : difference < 0;
}
