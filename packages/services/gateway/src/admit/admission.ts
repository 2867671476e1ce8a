import type { KeyRecord, Limits, UsageGroup, UsageRecord, UsageStore, UsageSum } from "@hxp/schema-storage";
import type { Reservation } from "../pipeline.ts";

/** What a request costs, in any unit of money, per million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
}

/** What is reserved for one request. */
export interface AdmissionRequest {
  /** The request's id. */
  readonly id: string;
  readonly key: KeyRecord;
  /** The model that was asked for. */
  readonly model: string;
  readonly estimate: { readonly promptTokens: number; readonly completionTokens: number };
  /** Of the model; none: it costs nothing. */
  readonly price?: Price | undefined;
}

/** What {@link Admission} counts by. */
interface Scope {
  readonly by: UsageGroup;
  /** The key's id, the team's or the model's name. */
  readonly name: string;
}

/** What storage was asked for a budget's period. */
export interface SpentQuery {
  readonly by: UsageGroup;
  /** Start of the day or month (UTC), ISO 8601. */
  readonly since: string;
}

/** What storage answered. */
interface SpentReading {
  readonly sums: readonly UsageSum[];
  /** What {@link Admission.marker} gave before storage was asked. */
  readonly readFrom: number;
}

/** What {@link createAdmission} takes. */
export interface AdmissionOptions {
  /** Limits of every key, as far as the key does not set its own. */
  readonly defaults?: Limits | undefined;
  /** Limits of teams by name. */
  readonly teams?: Readonly<Record<string, Limits>> | undefined;
  /** Limits of models by name. */
  readonly models?: Readonly<Record<string, Limits>> | undefined;
  /** Milliseconds since 1970; default Date.now. */
  readonly clock?: (() => number) | undefined;
}

/** What a scope holds now. */
export interface ScopeSnapshot extends Scope {
  /** Requests that are reserved and neither settled nor released. */
  readonly inFlight: number;
  /** Undefined where there is no such limit. */
  readonly remainingRequests: number | undefined;
  readonly remainingTokens: number | undefined;
  /** Of the budget's current period: what is known to be spent, and what is reserved. */
  readonly spent: { readonly tokens: number; readonly cost: number } | undefined;
  readonly reserved: { readonly tokens: number; readonly cost: number } | undefined;
}

/** Keeps requests within the limits of their key, team and model. */
export interface Admission {
  /**
   * Takes one place in every limit that applies, or none: synchronously. Throws RATE_LIMIT_EXCEEDED, TOKENS_LIMIT_EXCEEDED,
   * CONCURRENCY_EXCEEDED or BUDGET_EXCEEDED, with details {scope, limit, retryAfterMs?, headers}: without `retryAfterMs`, waiting does not help.
   */
  reserve(request: AdmissionRequest): Reservation;
  /** Takes over what storage has summed up of a budget's period, other nodes' spending included. */
  learnSpent(query: SpentQuery, reading: SpentReading): void;
  /** Asks storage for the sums of every period that a budget has, and learns them. */
  learnFrom(usage: Pick<UsageStore, "sum">): Promise<void>;
  /** Says that storage holds these records now: what it sums up from now on includes them. */
  markStored(records: readonly UsageRecord[]): void;
  /** The place in time of a reading: sums that are asked for after this call include all that was marked as stored before it. */
  marker(): number;
  /** What scopes hold now; those that are idle are forgotten. */
  snapshot(): readonly ScopeSnapshot[];
}
