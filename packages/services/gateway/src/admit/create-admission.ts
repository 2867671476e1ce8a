import type { KeyRecord, Limits } from "@hxp/schema-storage";
import type { Reservation } from "../pipeline.ts";
import type { Admission, AdmissionOptions, AdmissionRequest, Price, ScopeSnapshot } from "./admission.ts";
import { remaining } from "./bucket.ts";
import { add, type Amount, ownSpending } from "./budget.ts";
import { type ConfiguredLimits, createLearner } from "./learn-spent.ts";
import { type Claim, createLedger, type Holding } from "./ledger.ts";
import { refusalError } from "./refuse.ts";
import type { ScopeState } from "./scope-state.ts";
import { createSpending, type Spending } from "./spending.ts";

/** Makes the admission of one node. */
export function createAdmission(options: AdmissionOptions = {}): Admission {
  const { clock = Date.now } = options;
  const spending = createSpending();
  const ledger = createLedger(clock, spending);
  const learner = createLearner({ ledger, spending, clock, configured: configuredLimits(options) });
  const claimsOf = createClaims(options);
  return {
    reserve: (request) => {
      const taken = ledger.take(claimsOf(request), estimateOf(request));
      if (taken.type === "refused") throw refusalError(taken.refusals, taken.headers);
      return toReservation(taken.holding);
    },
    ...learner,
    snapshot: () => Array.from(ledger.scopes(), (state) => describeScope(state, spending)),
  };
}

/** A key's own limits take the place of the default ones, one by one; teams and models have only their own. */
function createClaims({ defaults = {}, teams = {}, models = {} }: AdmissionOptions) {
  const teamLimits = new Map(Object.entries(teams));
  const modelLimits = new Map(Object.entries(models));
  const keyLimits = new WeakMap<KeyRecord, Limits>();
  const limitsOfKey = (key: KeyRecord): Limits => {
    const known = keyLimits.get(key) ?? { ...defaults, ...key.limits };
    keyLimits.set(key, known);
    return known;
  };
  return ({ key, model }: AdmissionRequest): Claim[] => {
    const claims: Claim[] = [
      { by: "key", name: key.id, limits: limitsOfKey(key) },
      { by: "model", name: model, limits: modelLimits.get(model) ?? {} },
    ];
    if (key.team !== undefined) {
      claims.push({ by: "team", name: key.team, limits: teamLimits.get(key.team) ?? {} });
    }
    return claims;
  };
}

function configuredLimits({ defaults = {}, teams = {}, models = {} }: AdmissionOptions): ConfiguredLimits {
  return [
    { by: "key", limits: defaults },
    ...Object.values(teams).map((limits) => ({ by: "team", limits }) as const),
    ...Object.values(models).map((limits) => ({ by: "model", limits }) as const),
  ];
}

function estimateOf({ estimate, price = free }: AdmissionRequest): Amount {
  const prompt = atLeastZero(estimate.promptTokens);
  const completion = atLeastZero(estimate.completionTokens);
  const cost = (prompt * price.input + completion * price.output) / tokensOfPrice;
  return { tokens: prompt + completion, cost };
}

const free: Price = { input: 0, output: 0 };
const tokensOfPrice = 1_000_000;

function toReservation({ headers, end }: Holding): Reservation {
  return {
    headers,
    settle: ({ promptTokens, completionTokens, cost }) =>
      end({ tokens: atLeastZero(promptTokens) + atLeastZero(completionTokens), cost: atLeastZero(cost) }),
    release: () => end(undefined),
  };
}

/** Counts come from upstreams, too: what is no amount counts as none, so that no sum ever becomes NaN. */
function atLeastZero(value: number): number {
  return Number.isFinite(value) ? Math.max(0, value) : 0;
}

function describeScope(state: ScopeState, spending: Spending): ScopeSnapshot {
  const { by, name, inFlight, requests, tokens, budget } = state;
  return {
    by,
    name,
    inFlight,
    remainingRequests: requests && remaining(requests),
    remainingTokens: tokens && remaining(tokens),
    spent: budget && add(spending.of(by, budget.start, name), ownSpending(budget)),
    reserved: budget?.reserved,
  };
}
