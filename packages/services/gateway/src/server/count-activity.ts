/** How much the gateway does. */
export interface Activity {
  begin(): void;
  end(): void;
  /** Requests that are being answered. */
  readonly inFlight: number;
  /** Requests that have ended. */
  readonly done: number;
  /** Resolves when no request is being answered. */
  idle(): Promise<void>;
}

/** Makes a count of nothing yet. */
export function countActivity(): Activity {
  let inFlight = 0;
  let done = 0;
  let waiting: (() => void)[] = [];
  return {
    begin: () => {
      inFlight += 1;
    },
    end: () => {
      inFlight -= 1;
      done += 1;
      if (inFlight > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
    get inFlight() {
      return inFlight;
    },
    get done() {
      return done;
    },
    idle: () => (inFlight === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
