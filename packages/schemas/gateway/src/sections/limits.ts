import * as z from "zod";

const budget = z.strictObject({
  period: z.enum(["day", "month"]).meta({ description: "Period of the budget, in UTC." }),
  tokens: z
    .int()
    .min(0)
    .optional()
    .meta({ description: "Tokens of prompts and answers together.", unit: "tokens a period" }),
  cost: z.number().min(0).optional().meta({ description: "Cost by the models' prices.", unit: "the prices' currency" }),
});

/** A limit that is not set does not apply. */
export const limits = z.strictObject({
  requestsPerMinute: z.int().min(0).optional().meta({ description: "Requests a minute.", unit: "requests" }),
  tokensPerMinute: z
    .int()
    .min(0)
    .optional()
    .meta({ description: "Tokens a minute, of prompts and answers together.", unit: "tokens" }),
  concurrency: z.int().min(0).optional().meta({ description: "Requests at the same time.", unit: "requests" }),
  budget: budget.optional().meta({ description: "What may be used in a period." }),
});

const team = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
  .meta({ expected: "a name of lower-case letters, digits and dashes" });

/** Limits of keys and teams. */
export const limitsSection = z
  .strictObject({
    default: limits.default({}).meta({ description: "Limits of each key that sets none of its own." }),
    teams: z.record(team, limits).default({}).meta({ description: "Limits of all keys of a team together, by team." }),
  })
  .prefault({})
  .meta({ description: "Limits of keys and teams. A request must be within those of its key, team and model." });
