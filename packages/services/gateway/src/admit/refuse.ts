import { type ErrorCode, HxpError } from "@hxp/errors";
import { type Amount, ownSpending } from "./budget.ts";
import { waitFor } from "./bucket.ts";
import type { ScopeState } from "./scope-state.ts";

/** A limit that a request does not fit into. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly scope: ScopeState;
  readonly limit: number;
  /** Undefined: waiting does not help. */
  readonly retryAfterMs: number | undefined;
  readonly message: string;
}

/** What a request asks of a scope, and what is known of the scope's surroundings. */
export interface Demand {
  readonly amount: Amount;
  /** What storage has summed up of the scope's budget. */
  readonly learned: Amount;
  /** How long a place is held, as measured. */
  readonly meanHoldMs: number;
}

/** The limits of a scope that a request does not fit into; the scope was brought to now. */
export function findRefusals(scope: ScopeState, demand: Demand): Refusal[] {
  const found = [refuseRequest(scope), refuseTokens(scope, demand), refusePlace(scope, demand)];
  return [...found, ...refuseBudget(scope, demand)].filter((refusal) => refusal !== undefined);
}

/** The error for a refused request: of what cannot be waited for first, then of what takes longest. */
export function refusalError(refusals: readonly Refusal[], headers: Readonly<Record<string, string>>): HxpError {
  const { code, message, scope, limit, retryAfterMs } = refusals.reduce((worst, refusal) =>
    waitOf(refusal) > waitOf(worst) ? refusal : worst,
  );
  const details = { scope: `${scope.by}:${scope.name}`, limit, headers };
  return new HxpError(code, message, { details: retryAfterMs === undefined ? details : { ...details, retryAfterMs } });
}

function waitOf({ retryAfterMs }: Refusal): number {
  return retryAfterMs ?? Number.POSITIVE_INFINITY;
}

function refuseRequest(scope: ScopeState): Refusal | undefined {
  if (scope.requests === undefined) return undefined;
  const wait = waitFor(scope.requests, 1);
  if (wait === 0) return undefined;
  const { limit } = scope.requests;
  const message = `${nameOf(scope)} may send ${countRequests(limit)} a minute, and none is left now`;
  return { code: "RATE_LIMIT_EXCEEDED", scope, limit, retryAfterMs: wait, message };
}

function refuseTokens(scope: ScopeState, { amount }: Demand): Refusal | undefined {
  if (scope.tokens === undefined) return undefined;
  const wait = waitFor(scope.tokens, amount.tokens);
  if (wait === 0) return undefined;
  const { limit } = scope.tokens;
  const left = wait === undefined ? "which are more" : "which are more than is left now";
  const message = `${nameOf(scope)} may use ${limit} tokens a minute; the request may take ${amount.tokens}, ${left}`;
  return { code: "TOKENS_LIMIT_EXCEEDED", scope, limit, retryAfterMs: wait, message };
}

const shortestWait = 100;
const longestWait = 30_000;

function refusePlace(scope: ScopeState, { meanHoldMs }: Demand): Refusal | undefined {
  const limit = scope.limits.concurrency;
  if (limit === undefined || scope.inFlight < limit) return undefined;
  const message = `${nameOf(scope)} may have ${countRequests(limit)} under way, and has ${scope.inFlight}`;
  const nextEnd = Math.ceil(meanHoldMs / Math.max(1, scope.inFlight));
  const retryAfterMs = limit === 0 ? undefined : Math.min(longestWait, Math.max(shortestWait, nextEnd));
  return { code: "CONCURRENCY_EXCEEDED", scope, limit, retryAfterMs, message };
}

/** Sums of costs are rounded; what is above a budget by less than this part of it is not. */
const costRounding = 1e-9;

function refuseBudget(scope: ScopeState, { amount, learned }: Demand): Refusal[] {
  const { budget: window } = scope;
  const { budget } = scope.limits;
  if (window === undefined || budget === undefined) return [];
  const own = ownSpending(window);
  return (["tokens", "cost"] as const).flatMap((unit) => {
    const limit = budget[unit];
    if (limit === undefined) return [];
    const rest = limit - learned[unit] - own[unit] - window.reserved[unit];
    if (amount[unit] <= rest + (unit === "cost" ? limit * costRounding : 0)) return [];
    const end = new Date(window.end).toISOString();
    const what = unit === "tokens" ? `${limit} tokens` : `a cost of ${limit}`;
    const message = `${nameOf(scope)} has a budget of ${what} for this ${window.period}, which ends at ${end}; the request does not fit into what is left`;
    return [{ code: "BUDGET_EXCEEDED", scope, limit, retryAfterMs: undefined, message }];
  });
}

function countRequests(count: number): string {
  return count === 1 ? "1 request" : `${count} requests`;
}

function nameOf({ by, name }: ScopeState): string {
  return `${by === "key" ? "Key" : by === "team" ? "Team" : "Model"} ${name}`;
}
