import type { KeyRecord } from "@hxp/schema-storage";
import { type KeyEntry, toKeyEntry } from "./verify-key.ts";

/** Keys in memory, a bounded number of them, and how far they are up to date. */
export interface KeyMirror {
  find(id: string): KeyEntry | undefined;
  /** Takes a key over, unless a newer state of it is known. */
  learn(record: KeyRecord): void;
  /** Marks everything up to a revision as learned. */
  reach(revision: number): void;
  readonly revision: number;
  /** Whether a key that is not here does not exist, as far as the revision goes. */
  readonly complete: boolean;
  readonly size: number;
  records(): readonly KeyRecord[];
}

/** Makes an empty mirror. When it is full, the key that was learned first makes room. */
export function createKeyMirror(maxSize: number): KeyMirror {
  const entries = new Map<string, KeyEntry>();
  let revision = 0;
  let complete = true;
  const learn = (record: KeyRecord): void => {
    const known = entries.get(record.id);
    if (known !== undefined && known.record.revision > record.revision) return;
    entries.delete(record.id);
    entries.set(record.id, toKeyEntry(record));
    if (entries.size <= maxSize) return;
    const [first] = entries.keys();
    if (first !== undefined) entries.delete(first);
    complete = false;
  };
  return {
    find: (id) => entries.get(id),
    learn,
    reach: (reached) => {
      revision = Math.max(revision, reached);
    },
    get revision() {
      return revision;
    },
    get complete() {
      return complete;
    },
    get size() {
      return entries.size;
    },
    records: () => [...entries.values()].map(({ record }) => record),
  };
}
