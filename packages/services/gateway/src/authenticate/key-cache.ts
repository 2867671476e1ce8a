import { HxpError, toHxpError } from "@hxp/errors";
import type { KeyRecord, KeyStore } from "@hxp/schema-storage";
import type { Pepper } from "./hash-secret.ts";
import { createKeyMirror, type KeyMirror } from "./key-mirror.ts";
import { createKeyReader } from "./key-reader.ts";
import { readKeySnapshot, writeKeySnapshot } from "./key-snapshot.ts";
import { createMissLookup } from "./miss-lookup.ts";
import type { KeyEntry } from "./verify-key.ts";

/** What {@link createKeyCache} takes. Durations are milliseconds. */
export interface KeyCacheOptions {
  readonly store: KeyStore;
  readonly pepper: Pepper;
  /** Time between two readings of what changed. */
  readonly refresh: number;
  /** How long keys are taken while the storage does not answer. */
  readonly outage: number;
  /** Keys in memory. */
  readonly size: number;
  /** File that outlives a restart; default none. */
  readonly snapshot?: string | undefined;
  readonly clock?: (() => number) | undefined;
  readonly hooks?: KeyCacheHooks | undefined;
}

/** What a log wants to know of the cache. */
export interface KeyCacheHooks {
  /** The storage stopped to answer. */
  readonly onUnread?: (error: HxpError) => void;
  /** It answers again. */
  readonly onRead?: (outageMs: number) => void;
  readonly onSnapshotFailed?: (error: HxpError) => void;
}

/** Keys without waiting for the storage. */
export interface KeyCache extends AsyncDisposable {
  /** Reads all keys, else the snapshot, and keeps them up to date from then on. Never throws. */
  start(): Promise<void>;
  /**
   * Finds a key: at once where it is in memory. Throws STORAGE_UNAVAILABLE when the storage is needed and does not answer, or has not
   * for longer than `outage`; a revoked key is found all the same.
   */
  find(id: string): KeyEntry | undefined | Promise<KeyEntry | undefined>;
  /** Finds a key as it is now, by asking the storage what has changed. Throws STORAGE_UNAVAILABLE. */
  readonly findAnew: (id: string) => Promise<KeyEntry | undefined>;
  /** Takes over a change that this node made itself. */
  readonly learn: (record: KeyRecord) => void;
  /** Keys in memory, and milliseconds since they were read. */
  state(): { readonly keys: number; readonly ageMs: number };
}

const snapshotInterval = 60_000;

/** Makes the cache of one node. */
export function createKeyCache(options: KeyCacheOptions): KeyCache {
  const { store, clock = Date.now, hooks = {} } = options;
  const mirror = createKeyMirror(options.size);
  const snapshots = createSnapshotSaver(options, mirror);
  const reader = createKeyReader({ store, mirror, interval: options.refresh, clock, hooks, onRead: snapshots.save });
  const { findMissing, findAnew } = createMissLookup({ store, mirror, readAgain: reader.readAgain, clock });
  let snapshotAt = Number.NEGATIVE_INFINITY;
  const ageMs = (): number => Math.max(0, clock() - Math.max(reader.readAt, snapshotAt));
  return {
    start: async () => {
      await reader.read().catch(async () => {
        snapshotAt = await loadSnapshot(options, mirror);
      });
      reader.poll();
    },
    find: (id) => {
      const entry = mirror.find(id);
      if (entry === undefined) return findMissing(id);
      if (entry.record.revokedAt === undefined && ageMs() > options.outage) throw outageError();
      return entry;
    },
    findAnew,
    learn: (record) => mirror.learn(record),
    state: () => ({ keys: mirror.size, ageMs: ageMs() }),
    [Symbol.asyncDispose]: async () => {
      await reader.stop();
      await snapshots.saving();
    },
  };
}

interface SnapshotSaver {
  /** Writes the snapshot if it is due and none is being written. */
  readonly save: (readAt: number) => void;
  /** Resolves when none is being written. */
  saving(): Promise<void>;
}

function createSnapshotSaver(options: KeyCacheOptions, mirror: KeyMirror): SnapshotSaver {
  const { snapshot, pepper, hooks } = options;
  let saved = { revision: -1, readAt: Number.NEGATIVE_INFINITY };
  let saving: Promise<void> | undefined;
  const write = async (path: string, readAt: number): Promise<void> => {
    const { revision } = mirror;
    try {
      await writeKeySnapshot(path, { readAt, revision, keys: mirror.records() }, pepper);
      saved = { revision, readAt };
    } catch (error) {
      hooks?.onSnapshotFailed?.(toHxpError(error));
    }
    saving = undefined;
  };
  return {
    save: (readAt) => {
      const isCurrent = saved.revision === mirror.revision && readAt - saved.readAt < snapshotInterval;
      if (snapshot !== undefined && !isCurrent) saving ??= write(snapshot, readAt);
    },
    saving: async () => saving,
  };
}

/** Gives when the keys of the snapshot were read. */
async function loadSnapshot(options: KeyCacheOptions, mirror: KeyMirror): Promise<number> {
  const { snapshot: path, pepper, hooks } = options;
  if (path === undefined) return Number.NEGATIVE_INFINITY;
  try {
    const snapshot = await readKeySnapshot(path, pepper);
    for (const record of snapshot?.keys ?? []) mirror.learn(record);
    // The revision stays 0, so that the storage is read as a whole when it answers: it may be older than the snapshot.
    return snapshot?.readAt ?? Number.NEGATIVE_INFINITY;
  } catch (error) {
    hooks?.onSnapshotFailed?.(toHxpError(error));
    return Number.NEGATIVE_INFINITY;
  }
}

function outageError(): HxpError {
  return new HxpError("STORAGE_UNAVAILABLE", "The storage has not answered for longer than keys.cache.outage.");
}
