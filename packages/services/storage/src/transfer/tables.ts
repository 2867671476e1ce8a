import { z } from "@hxp/config";
import { keyRecord, usageRecord } from "@hxp/schema-storage";
import type { Table } from "../schema/table.ts";
import { keysTable, sumsTable, usageTable } from "../schema/tables.ts";

/** A table that an export holds as `<name>.jsonl`. */
export interface TransferredTable {
  readonly name: "keys" | "usage" | "sums";
  readonly table: Table;
  /** What a line of it is. */
  readonly line: z.ZodType;
}

const count = z.int().min(0);

/** What an export holds, in the order in which it is imported. Costs are whole billionths. */
export const transferredTables: readonly TransferredTable[] = [
  { name: "keys", table: keysTable, line: keyRecord },
  { name: "usage", table: usageTable, line: usageRecord.extend({ cost: count, counted: z.boolean() }) },
  {
    name: "sums",
    table: sumsTable,
    line: z.strictObject({
      kind: z.enum(["key", "team", "model"]),
      startsAt: z.iso.datetime({ offset: false }),
      name: z.string(),
      requests: count,
      promptTokens: count,
      cachedTokens: count,
      completionTokens: count,
      cost: count,
      span: z.enum(["hour", "day"]),
    }),
  },
];
