import type { UsageGroup, UsageSum } from "@hxp/schema-storage";
import { type Amount, nothing } from "./budget.ts";

/** What storage has said of periods: one sum a group of scopes and period, replaced as a whole. */
export interface Spending {
  learn(by: UsageGroup, since: number, sums: readonly UsageSum[]): void;
  of(by: UsageGroup, since: number, name: string): Amount;
}

/** Remembers the sums of periods that may still be asked for: three of each group, so that a day's and a month's outlive midnight. */
export function createSpending(): Spending {
  const known: Record<UsageGroup, Map<number, ReadonlyMap<string, Amount>>> = {
    key: new Map(),
    team: new Map(),
    model: new Map(),
  };
  return {
    learn: (by, since, sums) => {
      const periods = known[by];
      periods.delete(since);
      periods.set(since, new Map(sums.map((sum) => [sum.group, toAmount(sum)])));
      const [oldest] = periods.keys();
      if (periods.size > periodsKept && oldest !== undefined) periods.delete(oldest);
    },
    of: (by, since, name) => known[by].get(since)?.get(name) ?? nothing,
  };
}

const periodsKept = 3;

function toAmount({ promptTokens, completionTokens, cost }: UsageSum): Amount {
  return { tokens: promptTokens + completionTokens, cost };
}
