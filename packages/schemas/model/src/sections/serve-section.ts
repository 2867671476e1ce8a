import { duration } from "@hxp/config";
import * as z from "zod";

const modelName = z
  .string()
  .regex(/^(?!.*\.\.)[a-z0-9][a-z0-9._-]{0,62}$/)
  .meta({ expected: "a name of lower-case letters, digits, dots, dashes and underscores" });

const knownAnswer = z.strictObject({
  prompt: z.string().min(1).max(10_000).meta({ description: "What is asked before the model counts as ready." }),
  answer: z
    .string()
    .min(1)
    .max(10_000)
    .meta({ description: "How the answer begins, chosen without chance (temperature 0)." }),
});

const drain = z
  .strictObject({
    deadline: duration().prefault("60s").meta({
      description:
        "How long answers that have begun may go on when the process is told to stop. At least the gateway's.",
    }),
  })
  .prefault({})
  .meta({ description: "The end of the process." });

const body = z
  .strictObject({
    maxBytes: z.int().min(1024).max(1_073_741_824).default(33_554_432).meta({
      description: "Largest request.",
      unit: "bytes",
    }),
  })
  .prefault({})
  .meta({ description: "Limits of requests." });

const servedModel = z.strictObject({
  engine: z.enum(["llama", "simulator"]).default("llama").meta({
    description: "What runs the model: llama (llama.cpp, in this process) or simulator (made-up text, for tests).",
  }),
  source: z
    .string()
    .max(4096)
    .regex(
      /^(?:sha256:[0-9a-f]{64}|\/(?!\/)(?:(?!\.{1,2}(?:\/|$))[^/\p{Cc}]+(?:\/(?=[^/])|$))+|(?!.*\.\.)[a-z0-9][a-z0-9._-]{0,62})$/u,
    )
    .meta({
      description:
        "The model's file: guide (the small one that comes with HXP), a name or digest in the store, or a path.",
      expected: "guide, a name in the store, sha256: with 64 hexadecimal digits, or an absolute path",
    }),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .meta({
      description: "Digest that the file must have; another one is refused. Needed for no source but a path.",
      expected: "64 hexadecimal digits, lower-case",
    }),
  contextLength: z.int().min(32).max(16_777_216).optional().meta({
    description:
      "Tokens of a conversation, prompt and answer together. Default: what the model was made for, at most 8192.",
    unit: "tokens",
  }),
  sequences: z.int().min(1).max(1024).default(4).meta({
    description: "Requests that are answered at the same time. Each one has its own cache of contextLength tokens.",
    unit: "requests",
  }),
  threads: z.int().min(1).max(1024).optional().meta({
    description:
      "Threads that compute. Default: one less than there are processors. More than are free make it slower.",
    unit: "threads",
  }),
  gpuLayers: z.int().min(0).max(10_000).default(0).meta({
    description: "Layers of the model that are kept on a GPU.",
    unit: "layers",
  }),
  variant: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/)
    .default("cpu")
    .meta({ description: "Build of the engine, such as cpu, cuda or vulkan.", expected: "a name such as cpu or cuda" }),
  chatTemplate: z.string().min(1).max(262_144).optional().meta({
    description: "Jinja template that makes a prompt of messages. Default: the one in the model's file.",
  }),
  memoryReserve: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(268_435_456).meta({
    description: "Memory to leave free for everything else when it is decided whether the model fits.",
    unit: "bytes",
  }),
  knownAnswer: knownAnswer.optional().meta({
    description: "A question with its answer, asked before the model counts as ready. Default: one token is enough.",
  }),
  settings: z.record(z.string().max(100), z.unknown()).default({}).meta({
    description: "Settings that only this engine has; its README lists them.",
  }),
  body,
  drain,
});

/** The models that are served here, by name. */
export const serveSection = z.record(modelName, servedModel).default({}).meta({
  description: "The models that are served here, each by a process of its own, by the name that clients ask for.",
});
