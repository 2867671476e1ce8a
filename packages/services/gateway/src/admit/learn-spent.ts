import type { Limits, UsageGroup, UsageRecord } from "@hxp/schema-storage";
import type { Admission, SpentQuery } from "./admission.ts";
import { type Amount, type Budget, dropStored, moveToStored, periodStart } from "./budget.ts";
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
      for (const record of records) {
        const at = Date.parse(record.at);
        if (at >= startedAt) markRecord(record, { at, ledger, marker: current });
      }
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

function markRecord(record: UsageRecord, { at, ledger, marker }: { at: number; ledger: Ledger; marker: number }): void {
  const amount: Amount = { tokens: record.promptTokens + record.completionTokens, cost: record.cost };
  const scopes = [ledger.scope("key", record.key), ledger.scope("model", record.model)];
  if (record.team !== undefined) scopes.push(ledger.scope("team", record.team));
  for (const scope of scopes) if (isInWindow(scope, at)) moveToStored(scope.budget, amount, marker);
}

function isInWindow(
  scope: ScopeState | undefined,
  at: number,
): scope is ScopeState & { budget: NonNullable<ScopeState["budget"]> } {
  return scope?.budget !== undefined && periodStart(scope.budget.period, at) === scope.budget.start;
}
