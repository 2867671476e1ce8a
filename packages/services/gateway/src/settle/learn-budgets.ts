import { type HxpError, toHxpError } from "@hxp/errors";
import type { UsageStore } from "@hxp/schema-storage";
import type { Admission } from "../admit/admission.ts";
import { withDeadline } from "../stores/with-deadline.ts";

/** What {@link learnBudgets} takes. */
export interface BudgetLearning {
  readonly admission: Pick<Admission, "learnFrom">;
  readonly usage: Pick<UsageStore, "sum">;
  /** Milliseconds between two readings. */
  readonly interval: number;
  /** Longest call to the storage. Default 10 s. */
  readonly deadline?: number | undefined;
  /** Called when the storage stopped to answer. */
  readonly onUnread: (error: HxpError) => void;
}

/** Reads what budgets have spent, now and again and again: other nodes spend, too. Never throws. */
export async function learnBudgets({
  admission,
  usage,
  interval,
  onUnread,
  deadline = 10_000,
}: BudgetLearning): Promise<AsyncDisposable> {
  let failing = false;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const read = async (): Promise<void> => {
    try {
      await admission.learnFrom({ sum: (query) => withDeadline(usage.sum(query), deadline) });
      failing = false;
    } catch (error) {
      if (!failing) onUnread(toHxpError(error));
      failing = true;
    }
  };
  const poll = (): void => {
    if (!stopped) timer = setTimeout(() => void read().finally(poll), interval).unref();
  };
  await read();
  poll();
  return {
    [Symbol.asyncDispose]: async () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
