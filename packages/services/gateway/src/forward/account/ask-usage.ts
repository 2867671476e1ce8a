import { setTimeout as sleep } from "node:timers/promises";
import type { Target } from "../../pipeline.ts";
import { type EngineUsage, readUsage } from "../read/usage.ts";

/** Milliseconds between two questions while the engine has not ended the request yet. */
const interval = 20;

/** Of a request that never reached the engine: it left before it was read. */
const nothing: EngineUsage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };

/**
 * Asks a target for the usage of a request that was broken off, until it says that the request has ended. Returns
 * undefined when that takes longer than `wait` milliseconds or the target fails: its answer is worth no failure.
 */
export async function askUsage(target: Target, id: string, wait: number): Promise<EngineUsage | undefined> {
  const signal = AbortSignal.timeout(wait);
  try {
    for (;;) {
      const answer = await ask(target, id, signal);
      if (answer.ended) return answer.usage;
      await sleep(interval, undefined, { signal });
    }
  } catch {
    return undefined;
  }
}

async function ask(
  target: Target,
  id: string,
  signal: AbortSignal,
): Promise<{ readonly ended: boolean; readonly usage: EngineUsage | undefined }> {
  const { statusCode, body } = await target.dispatcher.request({
    origin: target.origin,
    path: `/internal/usage/${encodeURIComponent(id)}`,
    method: "GET",
    headers: target.authorization === undefined ? [] : ["authorization", target.authorization],
    signal,
  });
  if (statusCode !== 200) {
    await body.dump();
    return { ended: true, usage: statusCode === 404 ? nothing : undefined };
  }
  const told: unknown = await body.json();
  const ended = typeof told === "object" && told !== null && "ended" in told && told.ended === true;
  return { ended, usage: readUsage(told) };
}
