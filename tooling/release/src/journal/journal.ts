import { createHash } from "node:crypto";
import { HxpError, redact } from "@hxp/errors";
import { openRecordFile, readRecordFile } from "@hxp/evidence/durable";
import { z } from "zod";

const journalRecordSchema = z.strictObject({
  sequence: z.number().int().nonnegative(),
  time: z.iso.datetime(),
  /** The release's id; before its plan is sealed, `draft-<source key>`. */
  release: z.string(),
  phase: z.enum(["before", "after", "failed", "note"]),
  kind: z.string(),
  target: z.string(),
  data: z.json().optional(),
  /** SHA-256 of the record before, as its line stands in the file. */
  previous: z.string(),
});

/** One line of the journal. */
export type JournalRecord = z.infer<typeof journalRecordSchema>;

/** What an entry says; the rest is filled in. */
export type JournalEntry = Pick<JournalRecord, "release" | "phase" | "kind" | "target" | "data">;

/** The release journal: what was going to be done, and what was done, in the order in which it happened. */
export interface Journal {
  readonly records: readonly JournalRecord[];
  /** Adds an entry; it is on disk when this returns. */
  add(entry: JournalEntry): void;
  /** Runs an effect between a record before and one after, each on disk before it goes on; a failure is recorded and thrown on. */
  effect<T>(entry: Omit<JournalEntry, "phase">, run: () => Promise<T>): Promise<T>;
  close(): void;
}

const firstPrevious = "0".repeat(64);

/**
 * Opens the journal for writing; the caller holds the lease. A changed or missing line throws JOURNAL_CORRUPT, except at
 * the end, which no later line vouches for: that is what the signed evidence of each release is there for.
 */
export function openJournal(path: string, clock: () => number = Date.now): Journal {
  const file = openRecordFile<JournalRecord>(path, { parse: (line) => journalRecordSchema.parse(line) });
  assertChained(file.records, path);
  const toRecord = (entry: JournalEntry): JournalRecord => {
    const last = file.records.at(-1);
    const record = {
      sequence: file.records.length,
      time: new Date(clock()).toISOString(),
      ...entry,
      previous: last === undefined ? firstPrevious : digestOf(last),
    };
    return journalRecordSchema.parse(JSON.parse(JSON.stringify(record)));
  };
  const addSoon = async (entry: JournalEntry): Promise<void> => file.appendSoon(toRecord(entry));
  return {
    records: file.records,
    add: (entry) => file.append(toRecord(entry)),
    // Effects run side by side: none waits for the disk alone, and the disk is asked once for all that wait.
    effect: async (entry, run) => {
      await addSoon({ ...entry, phase: "before" });
      try {
        const result = await run();
        await addSoon({ release: entry.release, kind: entry.kind, target: entry.target, phase: "after" });
        return result;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        const { data: _, ...rest } = entry;
        await addSoon({ ...rest, phase: "failed", data: { message: redact(message).slice(0, 500) } });
        throw error;
      }
    },
    close: () => file.close(),
  };
}

/** Opens the journal for commands that change nothing; they need no lease. */
export function openJournalForReading(path: string): Journal {
  return { records: readJournal(path), add: refuse, effect: async () => refuse(), close: () => {} };
}

function refuse(): never {
  throw new Error("this command may not write the journal");
}

/** Reads the journal of a workspace, checked, without opening it for writing. */
export function readJournal(path: string): readonly JournalRecord[] {
  const records = readRecordFile<JournalRecord>(path, { parse: (line) => journalRecordSchema.parse(line) });
  assertChained(records, path);
  return records;
}

function assertChained(records: readonly JournalRecord[], path: string): void {
  let previous = firstPrevious;
  for (const [index, record] of records.entries()) {
    if (record.sequence !== index || record.previous !== previous) {
      throw new HxpError("JOURNAL_CORRUPT", `${path}:${index + 1} does not follow from the line before it`);
    }
    previous = digestOf(record);
  }
}

function digestOf(record: JournalRecord): string {
  return createHash("sha256").update(JSON.stringify(record)).digest("hex");
}
