import type { z } from "@hxp/config";
import { HxpError } from "@hxp/errors";

/** What {@link checkRecord} calls a record in messages. */
export interface RecordName {
  readonly kind: "key" | "usage record";
  readonly id: unknown;
}

/** A record as its schema reads it. Throws STORAGE_RECORD_INVALID, which names it and all that is wrong with it. */
export function checkRecord<T>(schema: z.ZodType<T>, record: unknown, { kind, id }: RecordName): T {
  const { success, data, error } = schema.safeParse(record);
  if (success) return data;
  const problems = error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
  const message = `The ${kind} ${JSON.stringify(id)} is not one: ${problems}.`;
  throw new HxpError("STORAGE_RECORD_INVALID", message, { details: { id } });
}
