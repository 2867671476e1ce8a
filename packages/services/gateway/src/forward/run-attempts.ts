import { setTimeout as sleep } from "node:timers/promises";
import { HxpError, isHxpError, toHxpError } from "@hxp/errors";
import type { Lease } from "../pipeline.ts";
import { abortReason } from "./abort-reason.ts";
import { planBackoff } from "./plan-backoff.ts";
import type { Run } from "./run.ts";
import { type Failure, runAttempt } from "./run-attempt.ts";

/** What the router says when a model has no place: another model may have one. */
const noPlace = ["MODEL_UNAVAILABLE", "QUEUE_FULL", "QUEUE_TIMEOUT", "MODEL_NOT_FOUND"] as const;

/**
 * Runs attempts until one has answered: first on each target of the model, then on those of its fallbacks, then, after a
 * pause, from the beginning. Throws the error of the last attempt, or the router's when there was none.
 */
export async function runAttempts(run: Run): Promise<void> {
  const { exchange, context } = run;
  const models = [exchange.model, ...context.router.fallbacksOf(exchange.model)];
  const tried = new Set<string>();
  // Targets that refuse us as long as their configuration is wrong.
  const barred: string[] = [];
  let last: Failure | undefined;
  let hasPaused = false;
  for (let attempt = 1, round = 1; ;) {
    const place = await acquire(run, { models, tried, attempt });
    if (place.refusal !== undefined) {
      if (last === undefined) throw place.refusal;
      await pause(run, round, last);
      hasPaused = true;
      round += 1;
      tried.clear();
      for (const id of barred) tried.add(id);
      continue;
    }
    const { lease } = place;
    if (last !== undefined && !hasPaused) context.hooks?.onRetry?.({ error: last.error, delayMs: 0 });
    hasPaused = false;
    last = await runAttempt(run, lease, attempt);
    if (last === undefined) return;
    if (isFinal(run, last, attempt)) throw last.error;
    attempt += 1;
    tried.add(lease.target.id);
    if (last.retry === "elsewhere") barred.push(lease.target.id);
  }
}

function isFinal({ output, exchange, context }: Run, failure: Failure, attempt: number): boolean {
  const hasBegun = output?.begun === true;
  return hasBegun || exchange.signal.aborted || failure.retry === "nowhere" || attempt >= context.retries.attempts;
}

interface Search {
  readonly models: readonly string[];
  readonly tried: ReadonlySet<string>;
  /** Number of the attempt that the place is for. */
  readonly attempt: number;
}

type Place =
  | { readonly lease: Lease; readonly refusal?: undefined }
  /** No model has a place; what the first one said. */
  | { readonly refusal: HxpError };

/** Takes a place on the first model that has one for this request. */
async function acquire(run: Run, { models, tried, attempt }: Search): Promise<Place> {
  const { exchange, context } = run;
  const { promptTokens, completionTokens } = exchange.estimate;
  let refusal: HxpError | undefined;
  run.phase = "queued";
  for (const model of models) {
    try {
      const lease = await context.router.acquire({
        model,
        priority: context.priority,
        tenant: context.tenant,
        tokens: promptTokens + completionTokens,
        exclude: tried,
        attempt,
        signal: exchange.signal,
        deadlineAt: run.deadlineAt,
      });
      return { lease };
    } catch (error) {
      const reason = toReason(run, error);
      if (!noPlace.some((code) => isHxpError(reason, code))) throw reason;
      refusal ??= reason;
    }
  }
  return { refusal: refusal ?? new HxpError("MODEL_NOT_FOUND", `No model is called ${exchange.model}`) };
}

function toReason({ exchange }: Run, error: unknown): HxpError {
  return exchange.signal.aborted ? abortReason(exchange.signal) : toHxpError(error);
}

async function pause(run: Run, round: number, { error, retry }: Failure): Promise<void> {
  const { context, exchange } = run;
  const random = context.random ?? Math.random;
  const delayMs = planBackoff({ ...context.retries, round, failure: { error, retry }, random });
  if (delayMs === undefined || run.clock() + delayMs >= run.deadlineAt) throw error;
  run.phase = "backing-off";
  context.hooks?.onRetry?.({ error, delayMs });
  try {
    await sleep(delayMs, undefined, { signal: exchange.signal });
  } catch (thrown) {
    throw toReason(run, thrown);
  }
}
