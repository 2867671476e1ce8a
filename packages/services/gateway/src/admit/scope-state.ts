import type { Limits, UsageGroup } from "@hxp/schema-storage";
import { type Bucket, createBucket, refill, untilFull } from "./bucket.ts";
import { type BudgetWindow, currentWindow, isForgettable } from "./budget.ts";

/** What one key, team or model holds of its limits. */
export interface ScopeState {
  readonly by: UsageGroup;
  readonly name: string;
  limits: Limits;
  inFlight: number;
  requests: Bucket | undefined;
  tokens: Bucket | undefined;
  budget: BudgetWindow | undefined;
}

/** A scope that nobody has used. */
export function createScopeState(by: UsageGroup, name: string): ScopeState {
  return { by, name, limits: {}, inFlight: 0, requests: undefined, tokens: undefined, budget: undefined };
}

/** Brings a scope to now and to its limits, which may have changed. */
export function refreshScope(state: ScopeState, limits: Limits, now: number): void {
  state.limits = limits;
  state.requests = refreshBucket(state.requests, limits.requestsPerMinute, now);
  state.tokens = refreshBucket(state.tokens, limits.tokensPerMinute, now);
  state.budget = limits.budget && currentWindow(state.budget, limits.budget.period, now);
}

/** Whether a scope that is made anew would be the same. */
export function isIdle(state: ScopeState, now: number): boolean {
  if (state.inFlight > 0 || !isForgettable(state.budget, now)) return false;
  return isFull(state.requests, now) && isFull(state.tokens, now);
}

function refreshBucket(bucket: Bucket | undefined, limit: number | undefined, now: number): Bucket | undefined {
  if (limit === undefined) return undefined;
  if (bucket === undefined) return createBucket(limit, now);
  refill(bucket, limit, now);
  return bucket;
}

function isFull(bucket: Bucket | undefined, now: number): boolean {
  if (bucket === undefined) return true;
  refill(bucket, bucket.limit, now);
  return untilFull(bucket) === 0;
}
