import type { HxpError } from "@hxp/errors";
import { retryAfterOf } from "./send/judge-failure.ts";

/** What {@link planBackoff} decides on. */
export interface BackoffOptions {
  /** Rounds at most: a target that must rest takes none of the attempts. */
  readonly attempts: number;
  /** Milliseconds before the second round. */
  readonly backoff: number;
  /** Longest wait in milliseconds. */
  readonly maxBackoff: number;
  /** Rounds over all targets so far, at least 1. */
  readonly round: number;
  readonly failure: { readonly error: HxpError; readonly retry: "anywhere" | "elsewhere" | "nowhere" };
  /** From 0 to 1. */
  readonly random: () => number;
}

/**
 * Milliseconds to wait before all targets are tried again: doubling, half of it by chance, and at least what the upstream
 * asked for. Undefined: not at all, for the upstream asks for more than we wait, or waiting does not help.
 */
export function planBackoff(options: BackoffOptions): number | undefined {
  const { attempts, backoff, maxBackoff, round, failure, random } = options;
  if (failure.retry !== "anywhere" || round >= attempts) return undefined;
  const asked = retryAfterOf(failure.error) ?? 0;
  if (asked > maxBackoff) return undefined;
  const full = Math.min(maxBackoff, backoff * 2 ** (round - 1));
  return Math.max(asked, full / 2 + (full / 2) * random());
}
