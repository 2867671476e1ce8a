import type { Limits } from "@hxp/schema-storage";

/** A budget as it is configured. */
export type Budget = NonNullable<Limits["budget"]>;

/** Tokens and what they cost. */
export interface Amount {
  readonly tokens: number;
  readonly cost: number;
}

/** Nothing. */
export const nothing: Amount = { tokens: 0, cost: 0 };

/**
 * What this node knows of a budget's period beside storage's sum. A request is first reserved, then unstored, then stored;
 * it is dropped once a sum was read that must include it. So each request counts once, or for a moment twice, but never not at all.
 */
export interface BudgetWindow {
  readonly period: Budget["period"];
  /** Milliseconds since 1970, exclusive the end. */
  readonly start: number;
  readonly end: number;
  reserved: Amount;
  /** Settled by this node, and not acknowledged by storage. */
  unstored: Amount;
  /** Acknowledged by storage, each part with the marker at that time. */
  stored: readonly (Amount & { readonly marker: number })[];
}

const day = 86_400_000;

/** Start of the day or month (UTC) that a time lies in. */
export function periodStart(period: Budget["period"], at: number): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), period === "day" ? date.getUTCDate() : 1);
}

function periodEnd(period: Budget["period"], start: number): number {
  const date = new Date(start);
  return period === "day" ? start + day : Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

/**
 * The window of now: the same one while its period lasts. A clock that is set back a little over midnight stays in the
 * later period, so that nothing is forgotten; one that was wrong by more than a day begins anew.
 */
export function currentWindow(window: BudgetWindow | undefined, period: Budget["period"], now: number): BudgetWindow {
  if (window?.period === period && now < window.end && window.start - now < day) return window;
  const start = periodStart(period, now);
  return { period, start, end: periodEnd(period, start), reserved: nothing, unstored: nothing, stored: [] };
}

/** What this node adds to storage's sum, reservations aside. */
export function ownSpending(window: BudgetWindow): Amount {
  return window.stored.reduce(add, window.unstored);
}

/** Moves an amount that storage has acknowledged; at most what was settled here, for a replayed spool holds a former process's records too. */
export function moveToStored(window: BudgetWindow, amount: Amount, marker: number): void {
  const moved = {
    tokens: Math.min(amount.tokens, window.unstored.tokens),
    cost: Math.min(amount.cost, window.unstored.cost),
  };
  window.unstored = add(window.unstored, { tokens: -moved.tokens, cost: -moved.cost });
  window.stored = appendStored(window.stored, { ...moved, marker });
}

/** Drops what a sum includes that was asked for at `marker`. */
export function dropStored(window: BudgetWindow, marker: number): void {
  window.stored = window.stored.filter((part) => part.marker >= marker);
}

/** Whether nothing would be lost with the window: storage knows all of it, or its period is over. */
export function isForgettable(window: BudgetWindow | undefined, now: number): boolean {
  if (window === undefined || now >= window.end) return true;
  const { tokens, cost } = ownSpending(window);
  return tokens === 0 && cost < 1e-12;
}

export function add(first: Amount, second: Amount): Amount {
  return { tokens: first.tokens + second.tokens, cost: first.cost + second.cost };
}

const mostParts = 8;

/** A reading that fails leaves its marker behind: the oldest parts are put together, so that they stay few. */
function appendStored(parts: BudgetWindow["stored"], part: BudgetWindow["stored"][number]): BudgetWindow["stored"] {
  const last = parts.at(-1);
  if (last?.marker === part.marker) return [...parts.slice(0, -1), { ...add(last, part), marker: part.marker }];
  const [first, second, ...others] = parts;
  if (parts.length < mostParts || first === undefined || second === undefined) return [...parts, part];
  return [{ ...add(first, second), marker: second.marker }, ...others, part];
}
