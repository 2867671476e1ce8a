import * as z from "zod";
import { environmentsSection } from "./environments.ts";
import { evidenceSection } from "./evidence.ts";
import { pathsSection } from "./paths.ts";
import { releaseSection } from "./release.ts";

const owner = z.strictObject({
  name: z.string().min(1).max(200).meta({ description: "Person or team that answers for the platform." }),
  contact: z
    .string()
    .max(500)
    .regex(/^(?:[^\s@]+@[^\s@]+|https:\/\/\S+)$/)
    .meta({ description: "How to reach the owner.", expected: "an e-mail address or an https URL" }),
});

/** The keys of `hxp.yaml` that every platform has. */
export const baseSchema = z.strictObject({
  schema: z.literal(1).meta({ description: "Version of this file's form." }),
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,62}$/)
    .meta({
      description: "Name of the platform, used in reports, metrics and host names.",
      expected: "a name of lower-case letters, digits and dashes that begins with a letter",
    }),
  description: z.string().max(1000).optional().meta({ description: "What the platform is for." }),
  owner: owner.optional().meta({ description: "Who answers for the platform." }),
  environments: environmentsSection,
  release: releaseSection,
  paths: pathsSection,
  evidence: evidenceSection,
});

/** What the base's rules are run on. */
export type BaseConfig = z.output<typeof baseSchema>;
