import { duration } from "@hxp/config";
import * as z from "zod";

/** What is kept for how long. */
export const retentionSection = z
  .strictObject({
    usage: duration().prefault("90d").meta({
      description: "How long the record of a request is kept. Sums are not changed when it goes.",
    }),
    hourly: duration().prefault("62d").meta({
      description: "How long sums are kept by the hour; older ones are folded into days.",
    }),
    daily: duration().prefault("1100d").meta({ description: "How long sums by the day are kept." }),
  })
  .prefault({})
  .meta({ description: "What is kept for how long." });
