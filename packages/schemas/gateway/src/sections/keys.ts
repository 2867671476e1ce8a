import { absolutePath, duration, secret } from "@hxp/config";
import * as z from "zod";

const cache = z.strictObject({
  refresh: duration()
    .prefault("1s")
    .meta({ description: "How often changes of keys are read; at most 1s keeps a revocation within 2 s." }),
  outage: duration().prefault("1h").meta({
    description: "How long known keys are taken while the storage does not answer. Then they are answered with 503.",
  }),
  snapshot: absolutePath().optional().meta({
    description:
      "File that keeps known keys across a restart during an outage. Not set: in the data folder; without one, none.",
  }),
  size: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(100_000)
    .meta({ description: "Keys that are held in memory; others are looked up when they are used.", unit: "keys" }),
});

/** How API keys are checked. */
export const keysSection = z
  .strictObject({
    pepper: secret().optional().meta({
      description:
        "Secret under which keys are hashed, at least 32 characters, the same on every node. Not set: made once, in the data folder.",
    }),
    cache: cache.prefault({}).meta({ description: "Keys in memory, so that no request waits for the storage." }),
  })
  .prefault({})
  .meta({ description: "How API keys are checked." });
