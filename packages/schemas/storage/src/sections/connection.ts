import { absolutePath, duration, secret } from "@hxp/config";
import * as z from "zod";

/** Where PostgreSQL is: no user's password, query or fragment, which would be seen wherever the config is shown. */
export const databaseUrl = z
  .string()
  .max(2048)
  .regex(/^postgres(?:ql)?:\/\/(?:[^\s/?#@:]+@)?[^\s/?#@]*\/[^\s/?#@]+$/)
  .refine((text) => URL.canParse(text), { error: "is not a URL" })
  .optional()
  .meta({
    description:
      "PostgreSQL 15 or newer that keeps keys and usage, with its user and database. Without one, they are kept in an embedded database in the data folder.",
    format: "uri",
    expected: "a URL such as postgres://hxp@db.example.com:5432/hxp, without a password",
  });

/** The password of the URL's user. */
export const password = secret().optional().meta({
  description:
    "Password of the URL's user, as a reference. It is read anew for every connection, so it can be rotated.",
});

/** How the connection is encrypted. */
export const tlsSection = z
  .strictObject({
    mode: z.enum(["verify", "encrypt", "off"]).optional().meta({
      description:
        "verify: encrypted, and the server's certificate and name are checked. encrypt: encrypted, whoever answers. off: plain. Default: off on this computer, verify across a network.",
    }),
    ca: absolutePath().optional().meta({
      description: "PEM file of the authorities that may vouch for the server. Default: those that Node.js trusts.",
    }),
  })
  .prefault({})
  .meta({ description: "How the connection to PostgreSQL is encrypted." });

/** How many connections there are. */
export const poolSection = z
  .strictObject({
    size: z.int().min(1).max(100).default(8).meta({
      description: "Connections to PostgreSQL that one process has open at most.",
      unit: "connections",
    }),
    idle: duration().prefault("1m").meta({ description: "How long an unused connection stays open." }),
  })
  .prefault({})
  .meta({ description: "How many connections to PostgreSQL there are." });

/** How long the database may take. */
export const timeoutsSection = z
  .strictObject({
    connect: duration().prefault("5s").meta({ description: "Longest wait for a connection to PostgreSQL." }),
    statement: duration().prefault("10s").meta({
      description: "Longest that one statement may take; migrations, export and retention are not held to it.",
    }),
    lock: duration().prefault("5s").meta({
      description: "Longest wait for another process that is writing to the embedded database.",
    }),
  })
  .prefault({})
  .meta({ description: "How long the database may take before it counts as unavailable." });

/** Who changes the database's schema. */
export const migration = z.enum(["automatic", "manual"]).default("automatic").meta({
  description:
    "automatic: a server that starts brings the database's schema up to its version, while older servers go on. manual: hxp storage migrate does, and a server that finds an older schema refuses to start.",
});
