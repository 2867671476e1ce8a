import { z } from "@hxp/config";
import { endpointNames } from "./key-record.ts";

const count = z.int().min(0);

/** What one request used. Written once: a second one with the same id changes nothing. */
export const usageRecord = z.strictObject({
  /** The request's id, made by the gateway. */
  id: z.string().min(1).max(128),
  /** When the request arrived, ISO 8601 in UTC. */
  at: z.iso.datetime({ offset: false }),
  key: z.string(),
  owner: z.string(),
  team: z.string().optional(),
  /** The model that was asked for. */
  model: z.string(),
  /** The model and upstream that answered; undefined: none did. */
  servedBy: z.string().optional(),
  endpoint: z.enum(endpointNames),
  promptTokens: count,
  cachedTokens: count,
  completionTokens: count,
  /**
   * Who counted: the engine; the gateway, from the pieces that it passed on; or an estimate from the size of the
   * request, where an engine said nothing.
   */
  countedBy: z.enum(["engine", "gateway", "estimate"]),
  /** In the unit of the models' prices. */
  cost: z.number().min(0),
  outcome: z.enum(["completed", "cancelled", "failed"]),
  /** Error code of a failed request. */
  error: z.string().optional(),
  /** Milliseconds from arrival to the first byte of the answer; undefined: there was none. */
  firstByteMs: z.number().min(0).optional(),
  /** Milliseconds from arrival to the end. */
  durationMs: z.number().min(0),
});

/** What one request used. */
export type UsageRecord = z.output<typeof usageRecord>;

/** By what usage can be summed up. */
export type UsageGroup = "key" | "team" | "model";

/** A sum of usage. */
export interface UsageSum {
  /** The key's id, the team's or the model's name; empty: requests without a team. */
  readonly group: string;
  readonly requests: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
  readonly cost: number;
}
