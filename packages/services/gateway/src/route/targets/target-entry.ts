import type { RoutedTarget, TargetSnapshot } from "../router.ts";
import { type Breaker, createBreaker } from "./breaker.ts";
import type { LoadHint } from "./load-hint.ts";

/** What the router knows of one target. */
export interface TargetEntry {
  readonly target: RoutedTarget;
  readonly breaker: Breaker;
  inFlight: number;
  /** Tokens of what is in flight, as estimated. */
  inFlightTokens: number;
  /** Milliseconds since 1970; until then it is not asked, because it said that it is full. */
  restsUntil: number;
  /** What the engine said of its load. */
  hint: LoadHint | undefined;
  /** Grows with every choice: of equals, the one that was chosen longest ago is taken. */
  chosen: number;
  /** When a request on it last ended well. */
  servedAt: number;
}

/** A target that nothing is known of. */
export function createTargetEntry(target: RoutedTarget): TargetEntry {
  return {
    target,
    breaker: createBreaker(),
    inFlight: 0,
    inFlightTokens: 0,
    restsUntil: Number.NEGATIVE_INFINITY,
    hint: undefined,
    chosen: 0,
    servedAt: Number.NEGATIVE_INFINITY,
  };
}

/** An entry as others may see it. */
export function describeEntry(entry: TargetEntry, now: number): TargetSnapshot {
  const { target, breaker, inFlight, inFlightTokens, restsUntil } = entry;
  return {
    id: target.id,
    state: breaker.state,
    openUntil: breaker.state === "open" ? breaker.openUntil : undefined,
    restsUntil: restsUntil > now ? restsUntil : undefined,
    inFlight,
    inFlightTokens,
    maxConcurrency: target.maxConcurrency,
  };
}
