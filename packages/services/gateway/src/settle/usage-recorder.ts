import { type HxpError, isHxpError, toHxpError } from "@hxp/errors";
import type { UsageRecord, UsageStore } from "@hxp/schema-storage";
import { withDeadline } from "../stores/with-deadline.ts";
import type { UsageSpool } from "./usage-spool.ts";

/** Brings usage to the storage, off the way of requests. */
export interface UsageRecorder extends AsyncDisposable {
  /** Takes a record. It is on no disk yet. */
  readonly record: (record: UsageRecord) => void;
  /** Stores or spools everything that was taken so far, and replays what is spooled if the storage answers. */
  flush(): Promise<void>;
  /** Records that are neither stored nor spooled. */
  readonly pending: number;
}

/** What a log and metrics want to know. */
export interface UsageHooks {
  readonly onStored?: (records: readonly UsageRecord[]) => void;
  readonly onSpooled?: (records: readonly UsageRecord[]) => void;
  /** The storage stopped to answer. */
  readonly onDown?: (error: HxpError) => void;
  /** Records of the spool are in the storage. */
  readonly onReplayed?: (records: readonly UsageRecord[]) => void;
  readonly onDropped?: (count: number, error: HxpError) => void;
  /** The storage refuses records for good: they are in this file of the spool's folder, or, without a spool, in `memory` and lost. */
  readonly onRejected?: (file: string, error: HxpError) => void;
}

/** What {@link createUsageRecorder} takes. Durations are milliseconds. */
export interface UsageRecorderOptions {
  readonly store: Pick<UsageStore, "append">;
  /** Default none: what the storage does not take waits in memory. */
  readonly spool?: UsageSpool | undefined;
  /** Records written together. */
  readonly batchSize: number;
  /** Longest time that a record waits for its batch. */
  readonly interval: number;
  /** Records in memory beyond which further ones are dropped. Default 50,000. */
  readonly maxPending?: number | undefined;
  /** Longest call to the storage. Default 10 s. */
  readonly deadline?: number | undefined;
  readonly clock?: (() => number) | undefined;
  readonly hooks?: UsageHooks | undefined;
}

const maxRetryDelay = 30_000;

/** Makes the recorder of one node. What a former process spooled is replayed by the first {@link UsageRecorder.flush}. */
export function createUsageRecorder(options: UsageRecorderOptions): UsageRecorder {
  const { batchSize, interval, maxPending = 50_000, hooks = {} } = options;
  const pending: UsageRecord[] = [];
  const carrier = createCarrier(options, pending);
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> | undefined;
  let closed = false;
  let dropped = 0;

  // Together, not one by one: where records are lost, many are.
  const reportDropped = (why: string): void => {
    if (dropped > 0) hooks.onDropped?.(dropped, toHxpError(new Error(why)));
    dropped = 0;
  };
  const work = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    working ??= carrier.carry().finally(() => {
      working = undefined;
      reportDropped(`More than ${maxPending} records wait in memory.`);
      if (!closed && (pending.length > 0 || carrier.isDown)) schedule();
    });
    return working;
  };
  const schedule = (): void => {
    timer ??= setTimeout(() => void work(), interval).unref();
  };
  const flush = async (): Promise<void> => {
    // What is being carried may not hold the latest records.
    await working;
    await work();
  };

  return {
    record: (record) => {
      if (pending.length < maxPending) pending.push(record);
      else dropped += 1;
      if (pending.length >= batchSize && working === undefined) void work();
      else schedule();
    },
    flush,
    get pending() {
      return pending.length;
    },
    [Symbol.asyncDispose]: async () => {
      closed = true;
      await flush();
      clearTimeout(timer);
      dropped += pending.splice(0).length;
      reportDropped("The gateway was closed.");
    },
  };
}

interface Carrier {
  /** Whether the storage did not answer when it was last asked. */
  readonly isDown: boolean;
  /** Takes what is pending as far as it gets. Never rejects. */
  carry(): Promise<void>;
}

function createCarrier(options: UsageRecorderOptions, pending: UsageRecord[]): Carrier {
  const { interval, clock = Date.now, hooks = {} } = options;
  let failures = 0;
  let nextTryAt = 0;
  const tryStorage = async (): Promise<void> => {
    try {
      await storePending(options, pending);
      await replay(options);
      failures = 0;
    } catch (error) {
      if (failures === 0) hooks.onDown?.(toHxpError(error));
      nextTryAt = clock() + Math.min(maxRetryDelay, interval * 2 ** failures);
      failures += 1;
    }
  };
  return {
    get isDown() {
      return failures > 0;
    },
    carry: async () => {
      if (failures === 0 || clock() >= nextTryAt) await tryStorage();
      if (failures > 0) await spoolPending(options, pending);
    },
  };
}

/** Throws when the storage does not answer; what it refuses for good is set aside. */
async function storePending(options: UsageRecorderOptions, pending: UsageRecord[]): Promise<void> {
  const { batchSize, hooks } = options;
  while (pending.length > 0) {
    const batch = pending.slice(0, batchSize);
    // oxlint-disable-next-line no-await-in-loop -- one batch at a time, so that a slow storage is not given more at once
    const stored = await append(options, batch);
    hooks?.onStored?.(stored);
    pending.splice(0, batch.length);
  }
}

/** Throws when the storage does not answer. */
async function replay(options: UsageRecorderOptions): Promise<void> {
  const { spool } = options;
  if (spool === undefined) return;
  for (const file of await spool.files()) {
    // oxlint-disable-next-line no-await-in-loop -- oldest first
    await replayFile(options, { spool, file });
  }
}

async function replayFile(
  options: UsageRecorderOptions,
  { spool, file }: { spool: UsageSpool; file: string },
): Promise<void> {
  const { batchSize, hooks } = options;
  try {
    const records = await spool.read(file);
    const stored: UsageRecord[] = [];
    for (let index = 0; index < records.length; index += batchSize) {
      // oxlint-disable-next-line no-await-in-loop -- one batch at a time, as above
      stored.push(...(await append(options, records.slice(index, index + batchSize))));
    }
    await spool.remove(file);
    hooks?.onReplayed?.(stored);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** What cannot be spooled stays in memory, which is bounded; what the spool has no room for is lost, and counted. */
async function spoolPending({ spool, hooks }: UsageRecorderOptions, pending: UsageRecord[]): Promise<void> {
  const batch = [...pending];
  if (spool === undefined || batch.length === 0) return;
  try {
    await spool.write(batch);
    hooks?.onSpooled?.(batch);
  } catch (error) {
    if (!isHxpError(error, "STORAGE_FULL")) return;
    hooks?.onDropped?.(batch.length, error);
  }
  pending.splice(0, batch.length);
}

/**
 * Gives a batch to the storage, and what of it was taken. The storage takes a batch whole or not at all: a record that it refuses for good,
 * by its id, is set aside and the others are given again. Throws when the storage does not answer.
 */
async function append(options: UsageRecorderOptions, batch: readonly UsageRecord[]): Promise<readonly UsageRecord[]> {
  const { store, deadline = 10_000 } = options;
  let left = batch;
  while (left.length > 0) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- again only without what was refused
      await withDeadline(store.append(left), deadline);
      return left;
    } catch (error) {
      if (!isFinal(error)) throw error;
      const { id } = error.details;
      const refused = left.some((record) => record.id === id) ? left.filter((record) => record.id === id) : left;
      // oxlint-disable-next-line no-await-in-loop -- as above
      await setAside(options, refused, error);
      left = left.filter((record) => !refused.includes(record));
    }
  }
  return left;
}

/** Keeps what the storage refuses where somebody can look at it, if there is room; never throws, for others wait behind it. */
async function setAside(
  { spool, hooks }: UsageRecorderOptions,
  records: readonly UsageRecord[],
  error: HxpError,
): Promise<void> {
  const file = await spool?.setAside(records).catch(() => undefined);
  hooks?.onRejected?.(file ?? "memory", error);
  hooks?.onDropped?.(records.length, error);
}

function isFinal(error: unknown): error is HxpError {
  return isHxpError(error) && !error.retryable && error.code !== "INTERNAL";
}

/** Another process replayed it. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
