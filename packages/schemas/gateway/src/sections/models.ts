import { absolutePath, httpUrl, secret } from "@hxp/config";
import * as z from "zod";
import { limits } from "./limits.ts";

const modelName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/)
  .meta({ expected: "at most 128 letters, digits and . _ : / -, the first a letter or digit" });

const upstream = z.strictObject({
  url: httpUrl()
    .optional()
    .meta({ description: "Where an OpenAI-compatible server answers, with /v1 or what stands for it." }),
  socket: absolutePath().optional().meta({ description: "Unix socket of a server on this host, in place of a URL." }),
  model: z
    .string()
    .min(1)
    .max(512)
    .optional()
    .meta({ description: "Name of the model on the upstream. Not set: the name that clients use." }),
  token: secret().optional().meta({ description: "Token for the upstream, sent as a bearer token." }),
  maxConcurrency: z
    .int()
    .min(1)
    .max(100_000)
    .default(64)
    .meta({ description: "Requests that it takes at the same time; more wait in the queue.", unit: "requests" }),
  weight: z
    .number()
    .min(0.01)
    .max(100)
    .default(1)
    .meta({ description: "Its share of the work beside the model's other upstreams.", unit: "ratio" }),
  continuousUsage: z
    .boolean()
    .default(false)
    .meta({ description: "Whether it can put usage into each piece of a stream, as vLLM and @hxp/model do." }),
  usageById: z
    .boolean()
    .default(false)
    .meta({ description: "Whether it tells the usage of an aborted request afterwards, as @hxp/model does." }),
});

const price = z.strictObject({
  input: z.number().min(0).default(0).meta({ description: "Price of prompts.", unit: "per million tokens" }),
  output: z.number().min(0).default(0).meta({ description: "Price of answers.", unit: "per million tokens" }),
});

const model = z.strictObject({
  upstreams: z.array(upstream).max(1000).default([]).meta({
    description:
      "Servers that answer for the model; the least loaded one is taken. None: the model of this name under models.serve.",
  }),
  fallbacks: z
    .array(modelName)
    .max(10)
    .default([])
    .meta({ description: "Models that answer in its place when it cannot, in this order, before the first byte." }),
  limits: limits.default({}).meta({ description: "Limits of all requests for the model together." }),
  price: price.prefault({}).meta({ description: "What tokens cost, for budgets and reports." }),
  contextLength: z
    .int()
    .min(1)
    .max(100_000_000)
    .optional()
    .meta({ description: "Tokens that fit in the model's window; bounds what is reserved.", unit: "tokens" }),
});

/** The models that clients can ask for. */
export const modelsSection = z
  .record(modelName, model)
  .default({})
  .meta({ description: "The models that clients can ask for, by the name that they use." });
