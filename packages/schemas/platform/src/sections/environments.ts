import * as z from "zod";

const environment = z.strictObject({
  kind: z.enum(["development", "staging", "production"]).default("production").meta({
    description:
      "Which rules apply. Production has the strictest, so it is what an environment is unless it says otherwise.",
  }),
  description: z.string().max(500).optional().meta({ description: "What the environment is for." }),
});

/** The environments that a platform has, by name. */
export const environmentsSection = z
  .record(
    z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,62}$/)
      .meta({ expected: "a name of lower-case letters, digits and dashes" }),
    environment,
  )
  .default({
    development: { kind: "development" },
    staging: { kind: "staging" },
    production: { kind: "production" },
  })
  .meta({
    description: "The environments by name. Names are added to the three that are there; null takes one away.",
  });
