import { toHxpError } from "@hxp/errors";
import type { KeyStore } from "@hxp/schema-storage";
import { withDeadline } from "../stores/with-deadline.ts";
import type { KeyCacheHooks } from "./key-cache.ts";
import type { KeyMirror } from "./key-mirror.ts";

/** Reads changes of keys from the storage into a mirror. */
export interface KeyReader {
  /** Reads now; whoever asks while a reading runs waits for that one. Throws what the storage does. */
  readonly read: () => Promise<void>;
  /**
   * Reads what has changed until now: by a reading that begins after the call. Throws at once when a reading failed less than a
   * second ago: who waits for a storage that hangs holds a connection.
   */
  readonly readAgain: () => Promise<void>;
  /** Reads again and again from now on. */
  readonly poll: () => void;
  /** Stops reading; resolves when nothing is being read. */
  readonly stop: () => Promise<void>;
  /** Milliseconds since 1970; when the last reading that succeeded began. -Infinity: none did. */
  readonly readAt: number;
}

/** What {@link createKeyReader} takes. */
export interface KeyReaderOptions {
  readonly store: Pick<KeyStore, "changedSince">;
  readonly mirror: KeyMirror;
  /** Milliseconds between two readings. */
  readonly interval: number;
  readonly clock: () => number;
  readonly hooks: KeyCacheHooks;
  /** Called after a reading that succeeded, with when it began. */
  readonly onRead: (readAt: number) => void;
}

const pageSize = 1000;
const storageDeadline = 5000;
const failurePause = 1000;

/** Makes a reader that has read nothing yet. */
export function createKeyReader(options: KeyReaderOptions): KeyReader {
  const { interval, clock } = options;
  let readAt = Number.NEGATIVE_INFINITY;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let reading: Promise<void> | undefined;
  let failure = { error: undefined as unknown, at: Number.NEGATIVE_INFINITY };
  const reportOutcome = createOutcomeReporter(options);

  const readOnce = async (): Promise<void> => {
    const startedAt = clock();
    try {
      await readChanges(options);
    } catch (error) {
      reportOutcome({ error });
      failure = { error, at: performance.now() };
      throw error;
    }
    reportOutcome({ outageMs: startedAt - readAt });
    readAt = startedAt;
    failure = { error: undefined, at: Number.NEGATIVE_INFINITY };
    options.onRead(readAt);
  };
  const read = (): Promise<void> => {
    reading ??= readOnce().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  const pollOnce = async (): Promise<void> => {
    // A failure was reported; the next poll tries again.
    await read().catch(() => {});
    poll();
  };
  const poll = (): void => {
    if (!stopped) timer = setTimeout(() => void pollOnce(), interval).unref();
  };

  return {
    read,
    readAgain: async () => {
      if (performance.now() - failure.at < failurePause) throw failure.error;
      await reading?.catch(() => {});
      await read();
    },
    poll,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await reading?.catch(() => {});
    },
    get readAt() {
      return readAt;
    },
  };
}

async function readChanges({ store, mirror }: KeyReaderOptions): Promise<void> {
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- each page begins where the last one ended
    const changed = await withDeadline(store.changedSince(mirror.revision, pageSize), storageDeadline);
    for (const record of changed) {
      mirror.learn(record);
      mirror.reach(record.revision);
    }
    if (changed.length < pageSize) return;
  }
}

/** Says once that the storage stopped to answer, and once that it answers again. */
function createOutcomeReporter({ hooks }: KeyReaderOptions) {
  let failing = false;
  return ({ error, outageMs = 0 }: { error?: unknown; outageMs?: number }): void => {
    if (error !== undefined && !failing) hooks.onUnread?.(toHxpError(error));
    if (error === undefined && failing) hooks.onRead?.(outageMs);
    failing = error !== undefined;
  };
}
