import { duration } from "@hxp/config";
import * as z from "zod";

/** Where requests wait when all upstreams are full. */
export const queueSection = z
  .strictObject({
    size: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(1000)
      .meta({ description: "Requests that may wait for a model; more are answered with 503.", unit: "requests" }),
    wait: duration().prefault("60s").meta({ description: "Longest wait; then the answer is 503." }),
    keepAlive: duration().prefault("10s").meta({
      description: "How often a stream that waits gets a comment, so that clients and proxies do not give up.",
    }),
  })
  .prefault({})
  .meta({ description: "Where requests wait when all upstreams of a model are full." });

/** How long the gateway waits for an upstream. */
export const timeoutsSection = z
  .strictObject({
    connect: duration().prefault("5s").meta({ description: "Until the connection stands." }),
    firstToken: duration().prefault("120s").meta({ description: "From the request to the first byte of the answer." }),
    idle: duration().prefault("60s").meta({ description: "Longest gap between two pieces of an answer." }),
    total: duration().prefault("30m").meta({ description: "Longest request, waiting included." }),
  })
  .prefault({})
  .meta({ description: "How long the gateway waits for an upstream." });

/** When a request is tried again: only before the first byte, only where that is safe. */
export const retriesSection = z
  .strictObject({
    attempts: z
      .int()
      .min(1)
      .max(10)
      .default(3)
      .meta({ description: "Attempts for a request, the first included, over all upstreams.", unit: "attempts" }),
    backoff: duration()
      .prefault("100ms")
      .meta({ description: "Wait before the second attempt; it doubles, with jitter." }),
    maxBackoff: duration().prefault("5s").meta({
      description: "Longest wait before an attempt. An upstream that asks for a longer one is not tried again.",
    }),
  })
  .prefault({})
  .meta({ description: "When a request is tried again: only before the first byte, and only where that is safe." });

/** When an upstream is left alone. */
export const breakerSection = z
  .strictObject({
    failures: z
      .int()
      .min(1)
      .max(10_000)
      .default(5)
      .meta({ description: "Faults within the window after which an upstream is left alone.", unit: "faults" }),
    window: duration().prefault("30s").meta({ description: "How long a fault counts." }),
    open: duration().prefault("10s").meta({ description: "How long it is left alone before one request tries it." }),
  })
  .prefault({})
  .meta({ description: "When an upstream is left alone, so that requests go where they are answered." });

/** What the gateway asks upstreams beside requests. */
export const healthSection = z
  .strictObject({
    interval: duration()
      .prefault("5s")
      .meta({ description: "How often an upstream's health and metrics are read; 0s: never." }),
    timeout: duration().prefault("2s").meta({ description: "Longest answer." }),
  })
  .prefault({})
  .meta({ description: "What the gateway asks upstreams beside requests: whether they are well, and their load." });
