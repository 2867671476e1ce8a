import * as z from "zod";
import { absolutePath, defineSchema, duration, httpUrl, secret, type SourceFile } from "@hxp/config";

const model = z.strictObject({
  name: z.string().min(1).meta({ description: "Name that clients ask for." }),
  engine: z.enum(["llama", "vllm"]).default("llama").meta({ description: "What runs the model." }),
  contextLength: z.int().min(512).max(131_072).optional().meta({ description: "Window.", unit: "tokens" }),
});

const signer = z.union([
  z.strictObject({ key: z.string().meta({ description: "Fingerprint." }) }),
  z.strictObject({
    identity: z.string().meta({ description: "Subject." }),
    issuer: httpUrl().optional().meta({ description: "Issuer." }),
  }),
]);

/** A schema with one of everything, for the tests of this package. */
export const serviceSchema = defineSchema({
  id: "https://example.com/service.json",
  title: "A service",
  schema: z.strictObject({
    name: z.string().min(1).meta({ description: "Name of the service." }),
    server: z
      .strictObject({
        port: z.int().min(1).max(65_535).default(8080).meta({ description: "Port to listen on.", unit: "TCP port" }),
        host: z.string().default("127.0.0.1").meta({ description: "Address to listen on." }),
        isPublic: z.boolean().default(false).meta({ description: "Whether strangers may call." }),
        timeout: duration().prefault("30s").meta({ description: "Longest request." }),
        token: secret().optional().meta({ description: "Key of the administrator." }),
        dataPath: absolutePath().optional().meta({ description: "Where data is kept." }),
        bind: z
          .string()
          .optional()
          .meta({ description: "Old name.", deprecated: true, deprecationMessage: "use server.host" }),
      })
      .prefault({})
      .meta({ description: "The listener." }),
    models: z.array(model).default([]).meta({ description: "Models to serve." }),
    tags: z.array(z.string()).default(["a"]).meta({ description: "Words for people." }),
    labels: z
      .record(z.string().regex(/^[a-z][a-z0-9-]*$/), z.string())
      .default({ tier: "a" })
      .meta({ description: "Names and texts of the user's." }),
    signer: signer.optional().meta({ description: "Who signs." }),
    limits: z
      .strictObject({
        ratio: z.number().min(0).max(1).default(0.5).meta({ description: "Share.", unit: "ratio" }),
        note: z.string().nullable().optional().meta({ description: "A note, or null." }),
      })
      .optional()
      .meta({ description: "Optional limits." }),
  }),
  rules: [
    {
      reads: ["server"],
      check: ({ server }) =>
        server.isPublic && server.host === "127.0.0.1"
          ? [{ path: ["server", "host"], message: "server.host is a loopback address, but server.isPublic is true." }]
          : [],
    },
    {
      reads: ["models"],
      check: ({ models }, { environment }) =>
        environment === "production" && models.length === 0
          ? [{ path: ["models"], message: "production serves no model.", severity: "warning" }]
          : [],
    },
  ],
});

/** A text as the file `hxp.yaml`. */
export function yamlFile(content: string | Uint8Array, file = "hxp.yaml"): SourceFile {
  return { layer: "file", file, content };
}
