import { HxpError } from "@hxp/errors";

/** What a client is told that is turned away, and what is known of how long that lasts. */
export interface TurnedAway {
  readonly model: string;
  /** Undefined: nothing was measured yet. */
  readonly expectedMs: number | undefined;
  /** 0 to 1: spreads those who come back. */
  readonly random: number;
}

/** As many wait as may, of all or of this tenant. */
export function queueFull(away: TurnedAway, waiting: { readonly all: number; readonly own: number }): HxpError {
  const message = `All servers of ${away.model} are busy, and ${waiting.all} requests wait already, ${waiting.own} of them yours`;
  return new HxpError("QUEUE_FULL", message, { details: detailsOf(away) });
}

/** No place was, or would be, free in time. */
export function queueTimeout(away: TurnedAway): HxpError {
  const message = `All servers of ${away.model} are busy, and none is free before the request's deadline`;
  return new HxpError("QUEUE_TIMEOUT", message, { details: detailsOf(away) });
}

/** There is no server that the request could be given to. */
export function modelUnavailable(away: TurnedAway): HxpError {
  const message = `No server of ${away.model} can be given this request: those that did not fail on it are left alone for now`;
  return new HxpError("MODEL_UNAVAILABLE", message, { details: detailsOf(away) });
}

/** Nothing is served any more. */
export function routerClosed(model: string): HxpError {
  return new HxpError("MODEL_UNAVAILABLE", `${model} is not served here any more: the gateway stops`, {
    details: { model, retryAfterMs: unknown },
  });
}

const unknown = 1000;
const shortest = 100;
const longest = 60_000;
const spread = 0.2;

function detailsOf({ model, expectedMs = unknown, random }: TurnedAway): Record<string, unknown> {
  const retryAfterMs = Math.ceil(Math.min(longest, Math.max(shortest, expectedMs)) * (1 + spread * random));
  return { model, retryAfterMs };
}
