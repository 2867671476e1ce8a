import { absolutePath, duration, httpUrl, secret } from "@hxp/config";
import * as z from "zod";

/** Where releases come from, and what they are verified against. */
export const releaseSection = z
  .strictObject({
    registry: httpUrl().optional().meta({
      description: "npm registry to fetch releases from. Without one, releases come as bundles and no network is used.",
    }),
    channel: z
      .string()
      .regex(/^(?!v\d)(?!x$)[a-z][a-z0-9-]{0,62}$/)
      .default("latest")
      .meta({
        description: "Channel to follow: latest, next, canary, or a name of your own.",
        expected: "a channel name such as latest, next or canary",
      }),
    trustedRoot: absolutePath().optional().meta({
      description: "The trusted_root.json that says whose signatures count. Needed in production.",
    }),
    token: secret().optional().meta({
      description: "Token for the registry, as a reference. Without one, the registry is read anonymously.",
    }),
    minimumAge: duration().prefault("1d").meta({
      description:
        "How long a release must have been public before it is taken, so that others can find what is wrong.",
    }),
  })
  .prefault({})
  .meta({ description: "Where releases come from, and what they are verified against." });
