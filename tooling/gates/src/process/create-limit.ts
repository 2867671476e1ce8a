/** Runs tasks, at most a number at once, in the order of asking. */
export interface Limit {
  <Result>(task: () => Promise<Result>): Promise<Result>;
  /** Resolves when no task runs or waits. */
  idle(): Promise<void>;
}

/** Makes a limit of how many tasks run at once. */
export function createLimit(maximum: number): Limit {
  const waiting: (() => void)[] = [];
  const watching: (() => void)[] = [];
  let free = maximum;
  const finish = (): void => {
    const next = waiting.shift();
    if (next !== undefined) return next();
    free += 1;
    if (free === maximum) for (const tell of watching.splice(0)) tell();
  };
  const run = async <Result>(task: () => Promise<Result>): Promise<Result> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      finish();
    }
  };
  const idle = (): Promise<void> =>
    free === maximum ? Promise.resolve() : new Promise((resolve) => watching.push(resolve));
  return Object.assign(run, { idle });
}
