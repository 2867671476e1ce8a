import type { Limits, UsageGroup } from "@hxp/schema-storage";
import { take } from "./bucket.ts";
import { add, type Amount, type BudgetWindow } from "./budget.ts";
import { rateLimitHeaders } from "./rate-limit-headers.ts";
import { findRefusals, type Refusal } from "./refuse.ts";
import { createScopeState, isIdle, refreshScope, type ScopeState } from "./scope-state.ts";
import type { Spending } from "./spending.ts";

/** A scope that a request is within, and its limits now. */
export interface Claim {
  readonly by: UsageGroup;
  readonly name: string;
  readonly limits: Limits;
}

/** What was taken, until it is given back; once. */
export interface Holding {
  readonly headers: Readonly<Record<string, string>>;
  /** Puts what was used in place of what was taken; undefined: nothing was, and the request does not count. */
  readonly end: (used: Amount | undefined) => void;
}

/** What a claim came to: all of it is held, or nothing is. */
type Taken =
  | { readonly type: "held"; readonly holding: Holding }
  | { readonly type: "refused"; readonly refusals: readonly Refusal[]; readonly headers: Record<string, string> };

/**
 * Where limits are counted: here in this node's memory. Limits over several nodes can come in behind the same operations:
 * a node then leases a share of each limit from a common place, with an expiry, and counts within it as here.
 */
export interface Ledger {
  /** Takes an amount and one place from every scope, or nothing from any. */
  take(claims: readonly Claim[], amount: Amount): Taken;
  scopes(): Iterable<ScopeState>;
  scope(by: UsageGroup, name: string): ScopeState | undefined;
}

/** A ledger in memory. It forgets scopes that are idle, and no scope that holds anything. */
export function createLedger(clock: () => number, spending: Spending): Ledger {
  const states = { key: new Map<string, ScopeState>(), team: new Map(), model: new Map() } as const satisfies Record<
    UsageGroup,
    Map<string, ScopeState>
  >;
  const holds = createHoldMeter();
  const sweepers = Object.values(states).map(createSweeper);

  const refreshed = ({ by, name, limits }: Claim, now: number): ScopeState => {
    let state = states[by].get(name);
    if (state === undefined) {
      state = createScopeState(by, name);
      states[by].set(name, state);
    }
    refreshScope(state, limits, now);
    return state;
  };

  const learnedOf = ({ by, name, budget }: ScopeState): Amount =>
    budget === undefined ? nothingLearned : spending.of(by, budget.start, name);

  return {
    take: (claims, amount) => {
      const now = clock();
      for (const sweep of sweepers) sweep(now);
      const scopes = claims.map((claim) => refreshed(claim, now));
      const refusals = scopes.flatMap((scope) =>
        findRefusals(scope, { amount, learned: learnedOf(scope), meanHoldMs: holds.mean() }),
      );
      if (refusals.length > 0) return { type: "refused", refusals, headers: rateLimitHeaders(scopes) };
      const held = scopes.map((scope) => hold(scope, amount));
      const headers = rateLimitHeaders(scopes);
      const end = once((used: Amount | undefined) => {
        holds.add(clock() - now);
        for (const each of held) giveBack(each, { amount, used });
      });
      return { type: "held", holding: { headers, end } };
    },
    *scopes() {
      for (const scopes of Object.values(states)) yield* scopes.values();
    },
    scope: (by, name) => states[by].get(name),
  };
}

const nothingLearned: Amount = { tokens: 0, cost: 0 };

/** What one request holds of one scope, of the buckets and window that it took from. */
interface Held extends Pick<ScopeState, "requests" | "tokens" | "budget"> {
  readonly scope: ScopeState;
}

function hold(scope: ScopeState, amount: Amount): Held {
  const { requests, tokens, budget } = scope;
  scope.inFlight += 1;
  if (requests) take(requests, 1);
  if (tokens) take(tokens, amount.tokens);
  if (budget) budget.reserved = add(budget.reserved, amount);
  return { scope, requests, tokens, budget };
}

function giveBack(held: Held, { amount, used }: { amount: Amount; used: Amount | undefined }): void {
  held.scope.inFlight -= 1;
  if (held.requests && used === undefined) take(held.requests, -1);
  if (held.tokens) take(held.tokens, (used?.tokens ?? 0) - amount.tokens);
  if (held.budget) settleWindow(held.budget, { amount, used });
}

/** A request counts in the period in which it was reserved, as storage counts it by its arrival. */
function settleWindow(window: BudgetWindow, { amount, used }: { amount: Amount; used: Amount | undefined }): void {
  const { tokens, cost } = add(window.reserved, { tokens: -amount.tokens, cost: -amount.cost });
  window.reserved = { tokens, cost: tokens === 0 ? 0 : Math.max(0, cost) };
  if (used !== undefined) window.unstored = add(window.unstored, used);
}

function once(act: (used: Amount | undefined) => void): Holding["end"] {
  let isDone = false;
  return (used) => {
    if (isDone) return;
    isDone = true;
    act(used);
  };
}

const firstGuessMs = 1000;
const newest = 0.1;

/** The mean time for which places are held, the latest weighing most. */
function createHoldMeter(): { add(milliseconds: number): void; mean(): number } {
  let mean = firstGuessMs;
  return {
    add: (milliseconds) => {
      mean += newest * (Math.max(0, milliseconds) - mean);
    },
    mean: () => mean,
  };
}

const stepsPerRequest = 2;

/** Looks at two scopes a request, in turn: memory stays near what is in use, and no request pays for a whole round. */
function createSweeper(states: Map<string, ScopeState>): (now: number) => void {
  let round = states.entries();
  return (now) => {
    for (let step = 0; step < stepsPerRequest; step += 1) {
      const next = round.next();
      if (next.done === true) {
        round = states.entries();
        return;
      }
      const [name, state] = next.value;
      if (isIdle(state, now)) states.delete(name);
    }
  };
}
