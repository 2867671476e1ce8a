/**
 * What is left of a limit per minute. It holds `limit` at most and is refilled continuously, so it is full again a minute
 * after it was empty. A debt (a request used more than was reserved) is a level below zero.
 */
export interface Bucket {
  limit: number;
  level: number;
  /** When it was refilled last, in milliseconds. */
  at: number;
}

const minute = 60_000;

/** Levels are sums of many small refills: what is short by less than this is rounding, not a token. */
const rounding = 1e-6;

/** A full bucket. */
export function createBucket(limit: number, now: number): Bucket {
  return { limit, level: limit, at: now };
}

/**
 * Brings a bucket to now, and to a limit that was changed: what was used stays used, but a lowered limit leaves no debt
 * behind. A clock that goes backwards refills nothing, and goes on from where it is.
 */
export function refill(bucket: Bucket, limit: number, now: number): void {
  const elapsed = Math.max(0, now - bucket.at);
  bucket.at = now;
  bucket.level = Math.min(bucket.limit, bucket.level + (elapsed * bucket.limit) / minute);
  if (limit === bucket.limit) return;
  const moved = bucket.level + limit - bucket.limit;
  bucket.level = Math.max(Math.min(0, bucket.level), moved);
  bucket.limit = limit;
}

/** Milliseconds until an amount can be taken: 0 is now, undefined is never. */
export function waitFor(bucket: Bucket, amount: number): number | undefined {
  if (amount > bucket.limit) return undefined;
  const missing = amount - bucket.level;
  return missing <= rounding ? 0 : Math.ceil((missing * minute) / bucket.limit);
}

/** Takes an amount, or gives it back when it is negative; never above the limit. */
export function take(bucket: Bucket, amount: number): void {
  bucket.level = Math.min(bucket.limit, bucket.level - amount);
}

/** Whole units that can be taken now. */
export function remaining(bucket: Bucket): number {
  return Math.max(0, Math.floor(bucket.level + rounding));
}

/** Milliseconds until the bucket is as if nothing had been taken. */
export function untilFull(bucket: Bucket): number {
  const missing = bucket.limit - bucket.level;
  return missing <= rounding ? 0 : Math.ceil((missing * minute) / bucket.limit);
}
