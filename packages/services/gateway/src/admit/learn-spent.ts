import type { Limits, UsageGroup, UsageRecord } from "@hxp/schema-storage";
import type { Admission, SpentQuery } from "./admission.ts";
import { add, type Amount, type Budget, dropStored, moveToStored, periodStart } from "./budget.ts";
import type { Ledger } from "./ledger.ts";
import type { ScopeState } from "./scope-state.ts";
import type { Spending } from "./spending.ts";

/** Limits that stand in the configuration; keys bring their own. */
export type ConfiguredLimits = readonly { readonly by: UsageGroup; readonly limits: Limits }[];

/** What {@link createLearner} works on. */
export interface LearnerContext {
  readonly ledger: Ledger;
  readonly spending: Spending;
  readonly clock: () => number;
  readonly configured: ConfiguredLimits;
}

/** The part of the admission that learns from storage what budgets have spent. */
export function createLearner(
  context: LearnerContext,
): Pick<Admission, "learnSpent" | "learnFrom" | "markStored" | "marker"> {
  const { ledger, spending, clock } = context;
  const startedAt = clock();
  let current = 0;
  let isFirst = true;

  const marker = (): number => {
    current += 1;
    return current;
  };

  const learnSpent: Admission["learnSpent"] = ({ by, since }, { sums, readFrom }) => {
    const start = Date.parse(since);
    spending.learn(by, start, sums);
    for (const { by: group, budget } of ledger.scopes()) {
      if (group === by && budget?.start === start) dropStored(budget, readFrom);
    }
  };

  return {
    marker,
    learnSpent,
    learnFrom: async (usage) => {
      const queries = planQueries(context, isFirst);
      for (const query of queries) {
        const readFrom = marker();
        learnSpent(query, { sums: await usage.sum(query), readFrom });
      }
      isFirst = false;
    },
    markStored: (records) => {
      const known = records.filter(({ at }) => Date.parse(at) >= startedAt);
      // Many requests of few keys: those that count in the same windows are marked together.
      const alike = Map.groupBy(known, ({ at, key, team, model }) =>
        JSON.stringify([at.slice(0, 10), key, team, model]),
      );
      for (const group of alike.values()) markTogether(group, { ledger, marker: current });
    },
  };
}

/**
 * The sums that some budget needs. The first time also those that a key may need which has not been seen yet: later, its
 * first request makes them part of the next reading.
 */
function planQueries({ ledger, clock, configured }: LearnerContext, isFirst: boolean): SpentQuery[] {
  const now = clock();
  const queries = new Map<string, SpentQuery>();
  const want = (by: UsageGroup, period: Budget["period"]): void => {
    const since = new Date(periodStart(period, now)).toISOString();
    queries.set(`${by} ${since}`, { by, since });
  };
  if (isFirst) {
    want("key", "day");
    want("key", "month");
  }
  for (const { by, limits } of configured) if (limits.budget) want(by, limits.budget.period);
  for (const { by, budget } of ledger.scopes()) if (budget) want(by, budget.period);
  return [...queries.values()];
}

/** Marks records of one day, key, team and model. */
function markTogether(
  records: readonly UsageRecord[],
  { ledger, marker }: { readonly ledger: Ledger; readonly marker: number },
): void {
  const [first] = records;
  if (first === undefined) return;
  const amount = records.map(toAmount).reduce(add);
  const scopes = [ledger.scope("key", first.key), ledger.scope("model", first.model)];
  if (first.team !== undefined) scopes.push(ledger.scope("team", first.team));
  const at = Date.parse(first.at);
  for (const scope of scopes) if (isInWindow(scope, at)) moveToStored(scope.budget, amount, marker);
}

function toAmount({ promptTokens, completionTokens, cost }: UsageRecord): Amount {
  return { tokens: promptTokens + completionTokens, cost };
}

function isInWindow(
  scope: ScopeState | undefined,
  at: number,
): scope is ScopeState & { budget: NonNullable<ScopeState["budget"]> } {
  return scope?.budget !== undefined && periodStart(scope.budget.period, at) === scope.budget.start;
}
