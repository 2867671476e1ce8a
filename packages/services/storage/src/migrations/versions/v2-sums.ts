import type { Migration } from "../change.ts";
import { countSome, lostRecords } from "../../usage/count-some.ts";

/** Sums by the hour, so that no question grows with the number of requests. */
export const sums: Migration = {
  version: 2,
  title: "sums by the hour",
  steps: [
    {
      phase: "expand",
      name: "create sums",
      change: {
        kind: "create-table",
        table: {
          name: "hxp_usage_sums",
          columns: [
            { name: "kind", type: "text" },
            { name: "starts_at", type: "instant" },
            { name: "name", type: "text" },
            { name: "requests", type: "integer" },
            { name: "prompt_tokens", type: "integer" },
            { name: "cached_tokens", type: "integer" },
            { name: "completion_tokens", type: "integer" },
            { name: "cost", type: "integer" },
          ],
          primaryKey: ["kind", "starts_at", "name"],
        },
        loses: lostRecords,
      },
    },
    {
      phase: "expand",
      name: "tell counted records",
      // Servers of version 1 do not name it: what they write, and wrote, is not counted.
      change: {
        kind: "add-column",
        table: "hxp_usage",
        column: { name: "counted", type: "boolean", fallback: false },
      },
    },
    {
      phase: "expand",
      name: "index records that are not counted",
      change: {
        kind: "create-index",
        index: {
          name: "hxp_usage_uncounted",
          table: "hxp_usage",
          columns: ["id"],
          only: { column: "counted", is: false },
        },
      },
    },
    {
      phase: "backfill",
      name: "count what is there",
      change: { kind: "fill", some: countSome },
    },
  ],
};
