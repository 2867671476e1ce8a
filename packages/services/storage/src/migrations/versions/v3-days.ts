import type { Migration } from "../change.ts";
import { countSome } from "../../usage/count-some.ts";

/** Sums of past hours fold into days, and the indexes that only version 1 used go. */
export const days: Migration = {
  version: 3,
  title: "sums by the day",
  steps: [
    {
      phase: "expand",
      name: "tell days from hours",
      // Servers of version 2 do not name it, and add hours.
      change: {
        kind: "add-column",
        table: "hxp_usage_sums",
        column: { name: "span", type: "text", fallback: "hour" },
      },
    },
    {
      phase: "expand",
      name: "index hours to fold",
      change: {
        kind: "create-index",
        index: {
          name: "hxp_sums_hours",
          table: "hxp_usage_sums",
          columns: ["starts_at"],
          only: { column: "span", is: "hour" },
        },
      },
    },
    {
      phase: "backfill",
      name: "count what servers of version 1 left",
      // They wrote on while version 2 was made; now none is left.
      change: { kind: "fill", some: countSome },
    },
    {
      phase: "contract",
      name: "drop the index by key",
      change: { kind: "drop-index", index: { name: "hxp_usage_key", table: "hxp_usage", columns: ["key", "at"] } },
    },
    {
      phase: "contract",
      name: "drop the index by team",
      change: { kind: "drop-index", index: { name: "hxp_usage_team", table: "hxp_usage", columns: ["team", "at"] } },
    },
    {
      phase: "contract",
      name: "drop the index by model",
      change: { kind: "drop-index", index: { name: "hxp_usage_model", table: "hxp_usage", columns: ["model", "at"] } },
    },
  ],
};
