import type { AttemptResult } from "../../pipeline.ts";
import type { BreakerSettings, RoutedTarget, RouterEvent } from "../router.ts";
import {
  close,
  countFault,
  countSuccess,
  halfOpen,
  isFailing,
  markFailing,
  nextTrialAt,
  open,
  type OpenReason,
} from "./breaker.ts";
import { chooseTarget, hasRoom } from "./choose-target.ts";
import { createTargetEntry, type TargetEntry } from "./target-entry.ts";

/** What a {@link TargetPool} is made of. */
export interface PoolOptions {
  readonly model: string;
  readonly targets: readonly RoutedTarget[];
  readonly breaker: BreakerSettings;
  readonly hintHalfLife: number;
  readonly clock: () => number;
  readonly random: () => number;
  readonly onEvent: (event: RouterEvent) => void;
}

/** A place that was taken on a target. */
export interface Place {
  readonly entry: TargetEntry;
  readonly tokens: number;
  readonly takenAt: number;
  readonly isTrial: boolean;
  readonly generation: number;
}

/** What a request asks of a pool. */
export interface PlaceRequest {
  readonly tokens: number;
  readonly exclude: ReadonlySet<string>;
  readonly meanTokens: number;
}

const longestRest = 300_000;

/** The targets of one model: who has room, who is left alone, and what came of attempts. */
export class TargetPool {
  readonly entries: readonly TargetEntry[];
  readonly #options: PoolOptions;
  #choices = 0;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.entries = options.targets.map(createTargetEntry);
  }

  /** Takes a place on the best target that has room. */
  take({ tokens, exclude, meanTokens }: PlaceRequest): Place | undefined {
    const { breaker, hintHalfLife } = this.#options;
    const now = this.#refresh();
    const entry = chooseTarget(this.entries, { now, tokens, exclude, breaker, hintHalfLife, meanTokens });
    if (entry === undefined) return undefined;
    const isTrial = entry.breaker.state === "half-open";
    if (isTrial) entry.breaker.trials += 1;
    this.#choices += 1;
    entry.chosen = this.#choices;
    entry.inFlight += 1;
    entry.inFlightTokens += tokens;
    return { entry, tokens, takenAt: now, isTrial, generation: entry.breaker.generation };
  }

  /** Gives a place back, and learns from what came of it. */
  giveBack(place: Place, result: AttemptResult): void {
    const { entry, tokens } = place;
    entry.inFlight -= 1;
    entry.inFlightTokens -= tokens;
    const now = this.#options.clock();
    if (result.type === "ok") entry.servedAt = now;
    if (result.type === "busy") this.#rest(entry, now + (result.retryAfterMs ?? this.#options.breaker.busy));
    if (place.isTrial) this.#endTrial(place, result);
    else if (entry.breaker.state === "closed") this.#count(entry, result);
  }

  /** Opens a target that its probes say is gone: a closed one where that may be, one on trial always. */
  reportDead(entry: TargetEntry): void {
    if (entry.breaker.state === "open") return;
    markFailing(entry.breaker, this.#options.clock(), this.#options.breaker);
    if (entry.breaker.state === "half-open" || this.#mayOpen(entry, "failed probes"))
      this.#open(entry, "failed probes");
  }

  /** Ends the time of targets that are left alone; they are tried, and closed again when the trials succeed. */
  retryNow(): void {
    const now = this.#options.clock();
    for (const { breaker } of this.entries) {
      if (breaker.state === "open") breaker.openUntil = Math.min(breaker.openUntil, now);
    }
    this.#refresh();
  }

  /** Whether a request finds a target that is not left alone, with or without room. */
  canServe(exclude: ReadonlySet<string>): boolean {
    this.#refresh();
    return this.entries.some(({ target, breaker }) => breaker.state !== "open" && !exclude.has(target.id));
  }

  /** Requests that targets take together now. */
  places(): number {
    const now = this.#refresh();
    const usable = this.entries.filter(({ breaker, restsUntil }) => breaker.state === "closed" && restsUntil <= now);
    return usable.reduce((sum, { target }) => sum + target.maxConcurrency, 0);
  }

  /** Milliseconds until some target takes requests, however many it has: 0 unless all of them rest or are left alone. */
  untilPlace(): number {
    const now = this.#refresh();
    const times = this.entries.map(({ breaker, restsUntil }) =>
      Math.max(restsUntil, breaker.state === "open" ? breaker.openUntil : now),
    );
    return Math.max(0, Math.min(...times) - now);
  }

  /** Milliseconds until a target's state changes by itself after `now`; undefined: none will. */
  untilChange(now: number): number | undefined {
    this.#refresh(now);
    const { breaker: settings } = this.#options;
    const times = this.entries.flatMap(({ breaker, restsUntil }) => [
      ...(breaker.state === "open" ? [breaker.openUntil] : []),
      ...(breaker.state === "half-open" ? [nextTrialAt(breaker, now, settings)] : []),
      ...(restsUntil > now ? [restsUntil] : []),
    ]);
    return times.length === 0 ? undefined : Math.max(1, Math.min(...times) - now);
  }

  /** Whether some target takes one more request. */
  hasRoom(now: number): boolean {
    this.#refresh(now);
    return this.entries.some((entry) => hasRoom(entry, { now, breaker: this.#options.breaker }));
  }

  /** Lets open targets whose time is over be tried. */
  #refresh(now = this.#options.clock()): number {
    for (const entry of this.entries) {
      const { breaker } = entry;
      if (breaker.state !== "open" || breaker.openUntil > now) continue;
      halfOpen(breaker, now);
      this.#report(entry, "its time is over");
    }
    return now;
  }

  #endTrial({ entry, generation }: Place, result: AttemptResult): void {
    const { breaker } = entry;
    if (breaker.generation !== generation || breaker.state !== "half-open") return;
    breaker.trials -= 1;
    if (result.type === "fault") this.#open(entry, "failed trial");
    if (result.type !== "ok") return;
    breaker.successes += 1;
    if (breaker.successes < this.#options.breaker.trialSuccesses) return;
    close(breaker, this.#options.clock());
    this.#report(entry, "its trials succeeded");
  }

  #count(entry: TargetEntry, result: AttemptResult): void {
    const { breaker: settings, clock } = this.#options;
    if (result.type === "ok") countSuccess(entry.breaker, clock(), settings);
    if (result.type !== "fault") return;
    const reason = countFault(entry.breaker, clock(), settings);
    if (reason !== undefined && this.#mayOpen(entry, reason)) this.#open(entry, reason);
  }

  /**
   * A part of the targets may be open while others answer. Beyond it, a target is only left alone if all others fail as it
   * does: then there is nothing to lose. A target that merely fails often is better than none.
   */
  #mayOpen(entry: TargetEntry, reason: OpenReason): boolean {
    const { breaker: settings, clock } = this.#options;
    const now = clock();
    const notClosed = this.entries.filter(({ breaker }) => breaker.state !== "closed").length;
    if (notClosed + 1 <= Math.floor(settings.maxOpenShare * this.entries.length)) return true;
    if (reason === "share of faults") return false;
    return this.entries.every(
      (other) => other === entry || other.breaker.state !== "closed" || isFailing(other.breaker, now, settings),
    );
  }

  #open(entry: TargetEntry, why: OpenReason): void {
    const { breaker: settings, clock, random } = this.#options;
    open(entry.breaker, { now: clock(), random: random(), settings });
    this.#report(entry, why);
  }

  #rest(entry: TargetEntry, until: number): void {
    const { clock, model, onEvent } = this.#options;
    const restsUntil = Math.min(until, clock() + longestRest);
    if (restsUntil <= entry.restsUntil) return;
    entry.restsUntil = restsUntil;
    onEvent({ type: "target.resting", model, target: entry.target.id, until: restsUntil });
  }

  #report({ target, breaker: { state, openUntil } }: TargetEntry, why: string): void {
    const { model, onEvent } = this.#options;
    const until = state === "open" ? openUntil : undefined;
    onEvent({ type: "target.state", model, target: target.id, state, until, why });
  }
}
