/** Things to close, the last opened first. (Node 22 has no AsyncDisposableStack.) */
export interface Cleanup {
  defer(close: () => Promise<void> | void): void;
  /** Closes everything, once; a failure does not keep the rest open. */
  run(): Promise<void>;
}

/** Makes an empty list of things to close. */
export function createCleanup(): Cleanup {
  const closers: (() => Promise<void> | void)[] = [];
  return {
    defer: (close) => void closers.push(close),
    run: async () => {
      const failures: unknown[] = [];
      for (let close = closers.pop(); close !== undefined; close = closers.pop()) {
        try {
          await close();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}
