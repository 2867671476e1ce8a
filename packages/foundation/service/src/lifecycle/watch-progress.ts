import type { Progress } from "./service.ts";

/** What {@link watchProgress} takes. */
export interface ProgressOptions {
  read: () => Progress | undefined;
  stuckAfterMs: number;
  clock: () => number;
  /** Called once each time that it becomes stuck. */
  onStuck: (pending: number) => void;
}

/** Tells whether a service is stuck: work is pending, and none was done for `stuckAfterMs`. */
export interface ProgressWatch {
  readonly isStuck: () => boolean;
  readonly stop: () => void;
}

/** Looks at a service's progress four times in `stuckAfterMs`, and whenever it is asked. */
export function watchProgress({ read, stuckAfterMs, clock, onStuck }: ProgressOptions): ProgressWatch {
  let last: { done: number; at: number } = { done: Number.NaN, at: clock() };
  let wasStuck = false;
  const isStuck = (): boolean => {
    const { pending, done } = read() ?? { pending: 0, done: 0 };
    if (pending === 0 || done !== last.done) last = { done, at: clock() };
    const stuck = clock() - last.at >= stuckAfterMs;
    if (stuck && !wasStuck) onStuck(pending);
    wasStuck = stuck;
    return stuck;
  };
  const timer = setInterval(isStuck, Math.max(10, stuckAfterMs / 4));
  timer.unref();
  return { isStuck, stop: () => clearInterval(timer) };
}
