import type { BreakerSettings, TargetState } from "../router.ts";

/** Attempts of one part of the window. */
interface Slot {
  index: number;
  attempts: number;
  faults: number;
}

/** Whether one target is to be left alone, and what it has to do to get requests again. */
export interface Breaker {
  state: TargetState;
  /** Milliseconds since 1970, of the open state. */
  openUntil: number;
  /** How often it was opened since it last was well for long; makes the next time longer. */
  openings: number;
  /** Tells trials of this opening from those of an earlier one. */
  generation: number;
  /** Milliseconds since 1970, of the half-open state. */
  halfOpenAt: number;
  /** Trials under way, and how many have succeeded one after the other. */
  trials: number;
  successes: number;
  closedAt: number;
  faultsInARow: number;
  lastFaultAt: number;
  readonly slots: Slot[];
}

/** Why a breaker wants to open: it gives nothing but faults, or more of them than it may. */
export type OpenReason = "faults in a row" | "share of faults" | "failed trial" | "failed probes";

const slotsPerWindow = 10;

/** A breaker that is closed. */
export function createBreaker(): Breaker {
  return {
    state: "closed",
    openUntil: 0,
    openings: 0,
    generation: 0,
    halfOpenAt: 0,
    trials: 0,
    successes: 0,
    closedAt: Number.NEGATIVE_INFINITY,
    faultsInARow: 0,
    lastFaultAt: Number.NEGATIVE_INFINITY,
    slots: [],
  };
}

/** Counts an attempt that succeeded while the breaker was closed. */
export function countSuccess(breaker: Breaker, now: number, settings: BreakerSettings): void {
  breaker.faultsInARow = 0;
  slotAt(breaker, { now, settings }).attempts += 1;
}

/** Counts a fault while the breaker was closed, and says why it should open now. */
export function countFault(breaker: Breaker, now: number, settings: BreakerSettings): OpenReason | undefined {
  const isInARow = Math.abs(now - breaker.lastFaultAt) <= settings.window;
  breaker.faultsInARow = isInARow ? breaker.faultsInARow + 1 : 1;
  breaker.lastFaultAt = now;
  const slot = slotAt(breaker, { now, settings });
  slot.attempts += 1;
  slot.faults += 1;
  if (isFailing(breaker, now, settings)) return "faults in a row";
  const { attempts, faults } = breaker.slots.reduce(sumUp, { index: 0, attempts: 0, faults: 0 });
  const isTooMuch = attempts >= settings.minimumAttempts && faults >= attempts * settings.faultRatio;
  return isTooMuch ? "share of faults" : undefined;
}

/** Whether it has given nothing but faults lately, be it open or not. */
export function isFailing(breaker: Breaker, now: number, { failures, window }: BreakerSettings): boolean {
  return breaker.faultsInARow >= failures && now - breaker.lastFaultAt <= window;
}

/** Takes it for failing on other evidence than attempts: it is tried last, and others may be opened beside it. */
export function markFailing(breaker: Breaker, now: number, { failures }: BreakerSettings): void {
  breaker.faultsInARow = Math.max(breaker.faultsInARow, failures);
  breaker.lastFaultAt = now;
}

/**
 * Whether one more request may try it. A trial may be a stream that takes minutes: with every further `open` period in
 * which none has failed, one more is let through.
 */
export function takesTrial(breaker: Breaker, now: number, settings: BreakerSettings): boolean {
  return breaker.trials < settings.trials + periodsOnTrial(breaker, now, settings);
}

/** When one more request may try it even if none has ended. */
export function nextTrialAt(breaker: Breaker, now: number, settings: BreakerSettings): number {
  return breaker.halfOpenAt + (periodsOnTrial(breaker, now, settings) + 1) * settings.open;
}

function periodsOnTrial({ halfOpenAt }: Breaker, now: number, { open: period }: BreakerSettings): number {
  return Math.max(0, Math.floor((now - halfOpenAt) / period));
}

/** Opens it: twice as long as the last time, unless it has been well since for as long as it can be open. `random` is 0 to 1. */
export function open(
  breaker: Breaker,
  { now, random, settings }: { now: number; random: number; settings: BreakerSettings },
): void {
  const isForgiven = breaker.state === "closed" && now - breaker.closedAt > settings.maxOpen;
  breaker.openings = isForgiven ? 1 : breaker.openings + 1;
  const base = Math.min(settings.maxOpen, settings.open * 2 ** (breaker.openings - 1));
  breaker.state = "open";
  breaker.openUntil = now + Math.round(base * (1 + jitter * (2 * random - 1)));
  breaker.generation += 1;
  breaker.trials = 0;
  breaker.successes = 0;
}

const jitter = 0.2;

/** Lets trials through. */
export function halfOpen(breaker: Breaker, now: number): void {
  breaker.state = "half-open";
  breaker.halfOpenAt = now;
}

/** Closes it: what was counted before says nothing any more. */
export function close(breaker: Breaker, now: number): void {
  breaker.state = "closed";
  breaker.closedAt = now;
  breaker.faultsInARow = 0;
  breaker.slots.length = 0;
}

/** The part of the window that a time lies in; those that lie outside go. */
function slotAt(breaker: Breaker, { now, settings }: { now: number; settings: BreakerSettings }): Slot {
  const { slots } = breaker;
  const index = Math.floor((now * slotsPerWindow) / settings.window);
  const last = slots.at(-1);
  if (last?.index === index) return last;
  // Set back by more than a part, the clock would leave parts of the future behind.
  const kept = slots.filter((slot) => slot.index > index - slotsPerWindow && slot.index < index);
  const slot = { index, attempts: 0, faults: 0 };
  slots.splice(0, slots.length, ...kept, slot);
  return slot;
}

function sumUp(sum: Slot, { attempts, faults }: Slot): Slot {
  return { index: 0, attempts: sum.attempts + attempts, faults: sum.faults + faults };
}
