import { absolutePath, duration, httpUrl } from "@hxp/config";
import * as z from "zod";

const mebibyte = 1_048_576;

/** What is taken of a request's body. */
export const bodySection = z
  .strictObject({
    maxBytes: z
      .int()
      .min(1024)
      .max(1024 * mebibyte)
      .default(16 * mebibyte)
      .meta({ description: "Largest body.", unit: "bytes" }),
    maxDepth: z.int().min(2).max(1000).default(64).meta({ description: "Deepest nesting of JSON.", unit: "levels" }),
    timeout: duration().prefault("30s").meta({ description: "Longest time for a body to arrive." }),
  })
  .prefault({})
  .meta({ description: "What is taken of a request's body." });

/** How usage gets to the storage. */
export const usageSection = z
  .strictObject({
    batchSize: z
      .int()
      .min(1)
      .max(10_000)
      .default(500)
      .meta({ description: "Records written together.", unit: "records" }),
    interval: duration().prefault("1s").meta({ description: "Longest time that a record waits for its batch." }),
    spool: absolutePath().optional().meta({
      description:
        "Folder for records while the storage does not answer. Not set: the data folder's; without one, memory.",
    }),
    maxSpoolBytes: z
      .int()
      .min(65_536)
      .default(1024 * mebibyte)
      .meta({ description: "Size of the spool after which further records are dropped and counted.", unit: "bytes" }),
  })
  .prefault({})
  .meta({ description: "How usage gets to the storage, off the way of requests." });

/** Where admin acts and denied accesses are written. */
export const auditSection = z
  .strictObject({
    file: absolutePath()
      .optional()
      .meta({ description: "File of the audit log. Not set: audit.jsonl in the data folder." }),
  })
  .prefault({})
  .meta({ description: "Where admin acts and denied accesses are written, hash-chained." });

/** How the gateway stops. */
export const drainSection = z
  .strictObject({
    grace: duration().prefault("0s").meta({
      description: "How long new requests are still taken after the gateway said that it is not ready.",
    }),
    deadline: duration().prefault("30s").meta({
      description: "How long requests may go on after that; then each is ended with the error server_draining.",
    }),
  })
  .prefault({})
  .meta({ description: "How the gateway stops." });

/** What is logged. */
export const logSection = z
  .strictObject({
    level: z
      .enum(["debug", "info", "warn", "error", "silent"])
      .default("info")
      .meta({ description: "Least level that is written. Bodies of requests and answers are written on none." }),
  })
  .prefault({})
  .meta({ description: "What is logged, as lines of JSON." });

/** Where traces go. */
export const tracingSection = z
  .strictObject({
    endpoint: httpUrl().optional().meta({ description: "OTLP over HTTP endpoint. Not set: no traces." }),
    sample: z
      .number()
      .min(0)
      .max(1)
      .default(1)
      .meta({ description: "Share of the requests that are traced.", unit: "ratio" }),
  })
  .prefault({})
  .meta({ description: "OpenTelemetry traces with the GenAI conventions." });
