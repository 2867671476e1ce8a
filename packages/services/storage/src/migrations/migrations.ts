import type { Migration } from "./change.ts";
import { keysAndUsage } from "./versions/v1-keys-and-usage.ts";
import { sums } from "./versions/v2-sums.ts";
import { days } from "./versions/v3-days.ts";

/** Every version of the schema, in order. */
export const migrations: readonly Migration[] = [keysAndUsage, sums, days];

/** The version that this code is written for. It also runs on the next one. */
export const codeVersion = migrations.length;
