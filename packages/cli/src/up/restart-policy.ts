/** When to start a process again that ended. */
export interface RestartPolicy {
  /** Deaths within this time count together. */
  readonly windowMs: number;
  /** With so many deaths in the window it is given up. */
  readonly mostDeaths: number;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
}

/** Five deaths within ten minutes, half a second to thirty between them. */
export const defaultRestartPolicy: RestartPolicy = {
  windowMs: 600_000,
  mostDeaths: 5,
  firstDelayMs: 500,
  longestDelayMs: 30_000,
};

/** What to do after a death. */
export type RestartDecision =
  | { readonly type: "restart"; readonly afterMs: number; readonly deaths: readonly number[] }
  | { readonly type: "give-up"; readonly deaths: readonly number[] };

/** Decides on a death at `now`, after earlier `deaths` (milliseconds since 1970); the delay doubles with each in the window. */
export function decideRestart(deaths: readonly number[], now: number, policy: RestartPolicy): RestartDecision {
  const recent = [...deaths.filter((at) => now - at < policy.windowMs), now];
  if (recent.length >= policy.mostDeaths) return { type: "give-up", deaths: recent };
  const afterMs = Math.min(policy.longestDelayMs, policy.firstDelayMs * 2 ** (recent.length - 1));
  return { type: "restart", afterMs, deaths: recent };
}
