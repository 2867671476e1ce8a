import { z } from "@hxp/config";

/** A limit that is not set does not apply. */
export const limitsRecord = z.strictObject({
  requestsPerMinute: z.int().min(0).optional(),
  tokensPerMinute: z.int().min(0).optional(),
  /** Requests at the same time. */
  concurrency: z.int().min(0).optional(),
  budget: z
    .strictObject({
      period: z.enum(["day", "month"]),
      /** Tokens of prompts and answers together. */
      tokens: z.int().min(0).optional(),
      /** In the unit of the models' prices. */
      cost: z.number().min(0).optional(),
    })
    .optional(),
});

/** Limits of a key, a team or a model. */
export type Limits = z.output<typeof limitsRecord>;

/** Endpoints that a key may be limited to. */
export const endpointNames = ["chat", "completions", "embeddings", "models"] as const;

const instant = z.iso.datetime({ offset: false });

/** A key as it is stored: without the secret, which only its holder has. */
export const keyRecord = z.strictObject({
  /** Public part of the key: 16 characters of 0-9a-z after `hxp_`. */
  id: z.string().regex(/^[0-9a-z]{16}$/),
  /** HMAC-SHA-256 of the secret part under the pepper, in hexadecimal. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** The secret that a rotation replaced, valid until `previousUntil`. */
  previousHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  previousUntil: instant.optional(),
  name: z.string().min(1).max(200),
  owner: z.string().min(1).max(200),
  team: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
    .optional(),
  /** May use the admin API. */
  admin: z.boolean(),
  /** Names of models; undefined: all. */
  models: z.array(z.string()).optional(),
  /** Undefined: all. */
  endpoints: z.array(z.enum(endpointNames)).optional(),
  priority: z.enum(["interactive", "default", "bulk"]),
  limits: limitsRecord,
  createdAt: instant,
  expiresAt: instant.optional(),
  revokedAt: instant.optional(),
  /** Grows with every change of any key: who has seen revision N asks for what came after it. */
  revision: z.int().min(1),
});

/** A stored key. Times are ISO 8601 in UTC. */
export type KeyRecord = z.output<typeof keyRecord>;
