import type { HxpError } from "@hxp/errors";
import { retryAfterOf } from "./send/judge-failure.ts";

/** What {@link planBackoff} decides on. */
export interface BackoffOptions {
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
export function planBackoff({ backoff, maxBackoff, round, failure, random }: BackoffOptions): number | undefined {
  if (failure.retry !== "anywhere") return undefined;
  const asked = retryAfterOf(failure.error) ?? 0;
  if (asked > maxBackoff) return undefined;
  const full = Math.min(maxBackoff, backoff * 2 ** (round - 1));
  return Math.max(asked, full / 2 + (full / 2) * random());
}
