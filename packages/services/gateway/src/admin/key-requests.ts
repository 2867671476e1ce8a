import { z } from "@hxp/config";
import { HxpError } from "@hxp/errors";
import { describeIssue } from "./describe-issue.ts";
import { keyRecord, type KeyRecord, type UsageGroup } from "@hxp/schema-storage";

const { name, owner, team, models, endpoints, limits, expiresAt } = keyRecord.shape;
const day = 86_400_000;

const createRequest = z.strictObject({
  name,
  owner,
  team,
  admin: z.boolean().default(false),
  models,
  endpoints,
  priority: keyRecord.shape.priority.default("default"),
  limits: limits.default({}),
  expiresAt,
});

const rotateRequest = z.strictObject({
  /** How long the old secret is taken besides the new one, in seconds. */
  overlapSeconds: z
    .int()
    .min(0)
    .max(30 * 86_400)
    .default(86_400),
});

const instant = z.iso.datetime({ offset: false });
const usageRequest = z.strictObject({
  by: z.enum(["key", "team", "model"]).default("model"),
  since: instant.optional(),
  until: instant.optional(),
});
const pageRequest = z.strictObject({
  after: z.string().max(16).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** What a key is made with. */
export function readCreateRequest(body: unknown): z.output<typeof createRequest> {
  return check(createRequest, body);
}

/** How long the old secret of a key is taken, in milliseconds; a day unless the request says otherwise. */
export function readOverlap(body: unknown): number {
  return check(rotateRequest, body).overlapSeconds * 1000;
}

/** Which usage to sum up; the last 30 days unless the query says otherwise. */
export function readUsageQuery(
  query: string,
  now: number,
): { by: UsageGroup; since: string; until: string | undefined } {
  const { by, since, until } = check(usageRequest, toObject(query));
  return { by, since: since ?? new Date(now - 30 * day).toISOString(), until };
}

/** Which keys to list. */
export function readPage(query: string): { after: string | undefined; limit: number } {
  const { after, limit } = check(pageRequest, toObject(query));
  return { after, limit };
}

/** A key as it is shown: without anything that its secret could be guessed from. */
export function showKey(record: KeyRecord): Record<string, unknown> {
  const { hash: _hash, previousHash: _previous, ...shown } = record;
  return shown;
}

function toObject(query: string): Record<string, string> {
  return Object.assign(Object.create(null), Object.fromEntries(new URLSearchParams(query)));
}

/** Throws REQUEST_INVALID with the place of the first problem as `details.param`. */
function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  if (issue === undefined) throw new HxpError("REQUEST_INVALID", "The request is not as expected.");
  const { param, message } = describeIssue(issue, value);
  throw new HxpError("REQUEST_INVALID", message, { details: { param } });
}
