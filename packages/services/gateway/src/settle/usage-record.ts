import type { UsageRecord } from "@hxp/schema-storage";
import type { Price } from "../admit/admission.ts";
import type { Forwarded } from "../forward/forward-context.ts";
import type { Exchange } from "../pipeline.ts";

const million = 1_000_000;

/** What a request used, as it is kept. The cost is tokens × price per million of the model that was asked for. */
export function toUsageRecord(settled: {
  readonly exchange: Exchange;
  readonly forwarded: Forwarded;
  readonly price: Price | undefined;
  readonly durationMs: number;
}): UsageRecord {
  const { exchange, forwarded, price = { input: 0, output: 0 }, durationMs } = settled;
  const { id, arrivedAt, key, model, endpoint } = exchange;
  const { usage, outcome, servedBy, firstByteMs, error } = forwarded;
  const cost = (usage.promptTokens * price.input + usage.completionTokens * price.output) / million;
  return {
    id,
    at: new Date(arrivedAt).toISOString(),
    key: key.id,
    owner: key.owner,
    team: key.team,
    model,
    servedBy,
    endpoint,
    promptTokens: usage.promptTokens,
    cachedTokens: usage.cachedTokens,
    completionTokens: usage.completionTokens,
    countedBy: usage.countedBy,
    cost,
    outcome,
    error: error?.code,
    firstByteMs: firstByteMs === undefined ? undefined : Math.max(0, firstByteMs),
    durationMs,
  };
}
