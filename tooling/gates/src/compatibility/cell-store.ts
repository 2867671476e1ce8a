import { join } from "node:path";
import { z } from "zod";
import { readRecordFile, writeRecordFile } from "../store/record-file.ts";
import type { CellOutcome } from "./cell.ts";
import type { ResolvedTree } from "./resolve-consumer.ts";

const outcomeSchema = z.strictObject({
  verdict: z.literal("passed"),
  startedAt: z.iso.datetime(),
  durationMs: z.number(),
  checks: z.array(z.strictObject({ name: z.string(), verdict: z.literal("passed") })).min(1),
  log: z.string(),
});

const recordSchema = z.strictObject({
  tree: z.strictObject({
    entries: z.array(z.strictObject({ at: z.string(), id: z.string(), integrity: z.string() })),
    direct: z.record(z.string(), z.string()),
    digest: z.string(),
  }),
  /** Digest of all that the registry said when the tree was resolved. */
  seen: z.string(),
});

/** A tree, and what the registry said when it was resolved. */
type ResolutionRecord = { tree: ResolvedTree; seen: string };

/** What earlier releases found out, by digest. An entry that is not as it was written counts as none. */
export interface CellStore {
  readCell(key: string): Promise<CellOutcome | undefined>;
  /** Keeps what passed; nothing else is worth to be believed twice. */
  writeCell(key: string, outcome: CellOutcome): Promise<void>;
  readRecord(key: string): Promise<ResolutionRecord | undefined>;
  writeRecord(key: string, record: ResolutionRecord): Promise<void>;
}

/** Opens the store in a folder. Keys are `sha256:<hex>`. */
export function openCellStore(folder: string): CellStore {
  const pathOf = (kind: string, key: string): string => join(folder, kind, `${key.replace("sha256:", "")}.json`);
  return {
    readCell: (key) => readRecordFile(pathOf("cells", key), { key, schema: outcomeSchema }),
    async writeCell(key, outcome) {
      if (outcome.verdict === "passed") await writeRecordFile(pathOf("cells", key), key, outcome);
    },
    readRecord: (key) => readRecordFile(pathOf("trees", key), { key, schema: recordSchema }),
    writeRecord: (key, record) => writeRecordFile(pathOf("trees", key), key, record),
  };
}
