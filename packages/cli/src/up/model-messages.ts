import { z } from "@hxp/config";

const message = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("phase"),
    phase: z.string(),
    /** Milliseconds until it is ready, where that can be told. */
    etaMs: z.number().optional(),
  }),
  z.object({ type: z.literal("ready") }),
  z.object({
    type: z.literal("failed"),
    error: z.object({ code: z.string(), message: z.string(), hint: z.string() }),
  }),
]);

/** What a model's process tells the one that started it. */
export type ModelMessage = z.output<typeof message>;

/** A message as it came over the channel; undefined for anything else. */
export function readModelMessage(value: unknown): ModelMessage | undefined {
  const result = message.safeParse(value);
  return result.success ? result.data : undefined;
}
