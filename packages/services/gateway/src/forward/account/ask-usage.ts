import { setTimeout as sleep } from "node:timers/promises";
import type { Target } from "../../pipeline.ts";
import { type EngineUsage, readUsage } from "../read/usage.ts";

/** Milliseconds between two questions while the engine has not ended the request yet. */
const interval = 20;

/** How often a target must say that it does not know a request, which may still lie unread in a socket of its. */
const unknownTimes = 5;

/** Of a request that never reached the engine. */
const nothing: EngineUsage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };

/**
 * Asks a target for the usage of a request that was broken off, until it says that the request has ended. Returns
 * undefined when that takes longer than `wait` milliseconds or the target fails: its answer is worth no failure.
 */
export async function askUsage(target: Target, id: string, wait: number): Promise<EngineUsage | undefined> {
  const signal = AbortSignal.timeout(wait);
  try {
    for (let unknown = 0; unknown < unknownTimes;) {
      const told = await ask(target, id, signal);
      if (told === undefined) unknown += 1;
      else if (hasEnded(told)) return readUsage(told);
      await sleep(interval, undefined, { signal });
    }
    return nothing;
  } catch {
    return undefined;
  }
}

/** Undefined: the target does not know the request. Throws what undici throws, and when the answer is another error. */
async function ask(target: Target, id: string, signal: AbortSignal): Promise<unknown> {
  const { statusCode, body } = await target.dispatcher.request({
    origin: target.origin,
    path: `/internal/usage/${encodeURIComponent(id)}`,
    method: "GET",
    headers: target.authorization === undefined ? [] : ["authorization", target.authorization],
    signal,
  });
  if (statusCode === 200) return (await body.json()) ?? null;
  await body.dump();
  if (statusCode === 404) return undefined;
  throw new Error(`The target answered with status ${statusCode}`);
}

function hasEnded(told: unknown): boolean {
  return typeof told === "object" && told !== null && "ended" in told && told.ended === true;
}
