import { HxpError } from "@hxp/errors";
import type { KeyStore } from "@hxp/schema-storage";
import { withDeadline } from "../stores/with-deadline.ts";
import type { KeyMirror } from "./key-mirror.ts";
import type { KeyEntry } from "./verify-key.ts";

/** What {@link createMissLookup} takes. */
export interface MissLookupOptions {
  readonly store: KeyStore;
  readonly mirror: KeyMirror;
  /** Reads what has changed until now. */
  readonly readAgain: () => Promise<void>;
  readonly clock: () => number;
}

const minimumGap = 50;
const maxLookups = 16;
const maxAbsent = 10_000;
const absentFor = 1000;
const lookupDeadline = 5000;

/** Finds keys that memory does not have, or not as they are now. */
export interface MissLookup {
  /** A key that is not in memory: it may be new, or one of more than fit there. */
  readonly findMissing: (id: string) => Promise<KeyEntry | undefined>;
  /** A key as it is now: it may have changed since the last reading. */
  readonly findAnew: (id: string) => Promise<KeyEntry | undefined>;
}

/**
 * Makes the lookup. Strangers can ask for as many ids as they like, so the storage is asked for changes at most every 50 ms, and for single
 * keys by at most 16 requests at a time.
 */
export function createMissLookup(options: MissLookupOptions): MissLookup {
  const { mirror, clock } = options;
  const absent = new Map<string, number>();
  const readSoon = createPacedRead(options.readAgain);
  const getOne = createBoundedGet(options.store);
  return {
    findMissing: async (id) => {
      if ((absent.get(id) ?? 0) > clock()) return undefined;
      await readSoon();
      const entry = mirror.find(id);
      if (entry !== undefined) return entry;
      const record = mirror.complete ? undefined : await getOne(id);
      if (record === undefined) remember(absent, id, clock() + absentFor);
      else mirror.learn(record);
      return mirror.find(id);
    },
    findAnew: async (id) => {
      await readSoon();
      return mirror.find(id);
    },
  };
}

function remember(absent: Map<string, number>, id: string, until: number): void {
  if (absent.size >= maxAbsent) absent.clear();
  absent.set(id, until);
}

/** A reading that begins after the call, shared by all that wait for it. */
function createPacedRead(readAgain: () => Promise<void>): () => Promise<void> {
  let next: Promise<void> | undefined;
  let lastAt = Number.NEGATIVE_INFINITY;
  const readNext = async (): Promise<void> => {
    const gap = minimumGap - (performance.now() - lastAt);
    if (gap > 0) await new Promise((resolve) => setTimeout(resolve, gap));
    next = undefined;
    lastAt = performance.now();
    await readAgain();
  };
  return () => {
    next ??= readNext();
    return next;
  };
}

function createBoundedGet(store: KeyStore): KeyStore["get"] {
  let lookups = 0;
  return async (id) => {
    if (lookups >= maxLookups) {
      throw new HxpError("STORAGE_UNAVAILABLE", "Too many keys are being looked up in the storage.");
    }
    lookups += 1;
    try {
      return await withDeadline(store.get(id), lookupDeadline);
    } finally {
      lookups -= 1;
    }
  };
}
