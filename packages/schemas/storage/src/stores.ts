import type { KeyRecord } from "./records/key-record.ts";
import type { UsageGroup, UsageRecord, UsageSum } from "./records/usage-record.ts";

/** Where keys are kept. Every method throws STORAGE_UNAVAILABLE when the database does not answer. */
export interface KeyStore {
  /** One key by its id. */
  get(id: string): Promise<KeyRecord | undefined>;
  /** Keys in the order of their ids, `after` one and at most `limit` of them (default 100). */
  list(page?: { after?: string | undefined; limit?: number | undefined }): Promise<readonly KeyRecord[]>;
  /** Keys that changed after a revision, in the order of their revisions; at most `limit` (default 1000). */
  changedSince(revision: number, limit?: number): Promise<readonly KeyRecord[]>;
  /** Adds a key and gives it the next revision. Throws STORAGE_CONFLICT when the id is taken, and STORAGE_RECORD_INVALID. */
  insert(key: Omit<KeyRecord, "revision">): Promise<KeyRecord>;
  /**
   * Replaces a key as it was at `key.revision`, and gives it the next one. Throws STORAGE_CONFLICT when it changed meanwhile, and
   * STORAGE_RECORD_INVALID.
   */
  replace(key: KeyRecord): Promise<KeyRecord>;
}

/** What usage to sum up. */
export interface UsageQuery {
  readonly by: UsageGroup;
  /** ISO 8601 in UTC, rounded down to the hour. */
  readonly since: string;
  /** Exclusive; default: now. */
  readonly until?: string | undefined;
}

/** Where usage is kept. Every method throws STORAGE_UNAVAILABLE when the database does not answer. */
export interface UsageStore {
  /** Adds records all together; those whose id is there already change nothing. Throws STORAGE_RECORD_INVALID. */
  append(records: readonly UsageRecord[]): Promise<void>;
  /** Sums from roll-ups by the hour: what it reads does not grow with the number of requests. */
  sum(query: UsageQuery): Promise<readonly UsageSum[]>;
}

/** What a server keeps. */
export interface Stores extends AsyncDisposable {
  readonly keys: KeyStore;
  readonly usage: UsageStore;
}
