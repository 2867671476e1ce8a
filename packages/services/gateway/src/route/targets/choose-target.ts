import type { BreakerSettings } from "../router.ts";
import { isFailing, takesTrial } from "./breaker.ts";
import { hintedTokens } from "./load-hint.ts";
import type { TargetEntry } from "./target-entry.ts";

/** What a choice depends on. */
export interface Choice {
  readonly now: number;
  /** Tokens of the request. */
  readonly tokens: number;
  readonly exclude: ReadonlySet<string>;
  readonly breaker: BreakerSettings;
  readonly hintHalfLife: number;
  /** Tokens of a request, in the mean. */
  readonly meanTokens: number;
}

/**
 * The target with the least tokens in flight for its weight, the request's own included; of equals the one that was chosen
 * longest ago. Targets that only fail come last. Undefined: none has room.
 */
export function chooseTarget(entries: readonly TargetEntry[], choice: Choice): TargetEntry | undefined {
  let best: Candidate | undefined;
  for (const entry of entries) {
    if (choice.exclude.has(entry.target.id) || !hasRoom(entry, choice)) continue;
    const candidate = {
      entry,
      score: scoreOf(entry, choice),
      isFailing: isFailing(entry.breaker, choice.now, choice.breaker),
    };
    if (best === undefined || isBetter(candidate, best)) best = candidate;
  }
  return best?.entry;
}

/** Whether a target takes one more request now. */
export function hasRoom(entry: TargetEntry, { now, breaker: settings }: Pick<Choice, "now" | "breaker">): boolean {
  const { breaker, target, inFlight, restsUntil } = entry;
  if (inFlight >= target.maxConcurrency || restsUntil > now || breaker.state === "open") return false;
  return breaker.state === "closed" || takesTrial(breaker, now, settings);
}

function scoreOf(entry: TargetEntry, choice: Choice): number {
  const { now, tokens, hintHalfLife: halfLife, meanTokens } = choice;
  const others = hintedTokens(entry.hint, { now, halfLife, meanTokens });
  return (entry.inFlightTokens + tokens + others) / (entry.target.weight ?? 1);
}

interface Candidate {
  readonly entry: TargetEntry;
  readonly score: number;
  readonly isFailing: boolean;
}

function isBetter(candidate: Candidate, than: Candidate): boolean {
  if (candidate.isFailing !== than.isFailing) return than.isFailing;
  return candidate.score === than.score ? candidate.entry.chosen < than.entry.chosen : candidate.score < than.score;
}
