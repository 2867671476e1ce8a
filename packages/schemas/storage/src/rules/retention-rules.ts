import type { Rule } from "@hxp/config";
import type { StorageConfig } from "../storage-schema.ts";

const day = 86_400_000;
const longestMonth = 31 * day;

/** Sums by the hour outlive the longest budget; sums by the day outlive those by the hour. */
export const retentionHolds: Rule<StorageConfig> = {
  reads: ["retention"],
  check: ({ retention: { usage, hourly, daily } }) => [
    ...(usage < day
      ? [{ path: ["retention", "usage"], message: "retention.usage is under a day.", expected: "1d or more" }]
      : []),
    ...(hourly <= longestMonth
      ? [
          {
            path: ["retention", "hourly"],
            message: "retention.hourly does not cover the current month, which budgets are counted by.",
            expected: "32d or more",
          },
        ]
      : []),
    ...(daily < hourly
      ? [
          {
            path: ["retention", "daily"],
            message: "retention.daily is shorter than retention.hourly: sums would go before they are folded.",
            expected: "at least retention.hourly",
          },
        ]
      : []),
  ],
};
