import { setImmediate, setTimeout } from "node:timers/promises";

/** Where a simulator gets its time from. */
export interface SimulatorClock {
  /** Milliseconds since some fixed moment. */
  now(): number;
  /** Waits; ends early, without an error, when `signal` is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The computer's own clock. */
export const systemClock: SimulatorClock = {
  now: () => performance.now(),
  sleep: async (milliseconds, signal) => {
    if (signal?.aborted === true) return;
    // Even no time at all lets others have their turn: an answer of a million tokens must not stop the process.
    if (milliseconds <= 0) await setImmediate();
    else await setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  },
};

/** A clock that stands still until a test moves it. */
export interface ManualClock extends SimulatorClock {
  /** Moves the time on, and wakes in order, one after the other, all whose time comes. */
  advance(milliseconds: number): Promise<void>;
  /** How many wait for their time. */
  readonly sleeping: number;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** How often all others have their turn before the time goes on. */
const turnsBetween = 5;

/** Makes a {@link ManualClock} that begins at 0. */
export function createManualClock(): ManualClock {
  let time = 0;
  let sleepers: Sleeper[] = [];

  const sleep = async (milliseconds: number, signal?: AbortSignal): Promise<void> => {
    if (signal?.aborted === true) return;
    if (milliseconds <= 0) return setImmediate();
    const { promise, resolve } = Promise.withResolvers<void>();
    const sleeper = { at: time + milliseconds, wake: resolve };
    sleepers.push(sleeper);
    const wake = (): void => resolve();
    signal?.addEventListener("abort", wake);
    await promise;
    signal?.removeEventListener("abort", wake);
    sleepers = sleepers.filter((each) => each !== sleeper);
  };

  const advance = async (milliseconds: number): Promise<void> => {
    const end = time + milliseconds;
    for (;;) {
      // What a woken one does next, such as to sleep again, happens before the time goes on.
      for (let turn = 0; turn < turnsBetween; turn += 1) await setImmediate();
      const next = sleepers.toSorted((one, other) => one.at - other.at)[0];
      if (next === undefined || next.at > end) break;
      time = next.at;
      next.wake();
    }
    time = end;
  };

  return {
    now: () => time,
    sleep,
    advance,
    get sleeping() {
      return sleepers.length;
    },
  };
}
