import type { Engine, GenerateEvent, GenerateRequest, LoadedModel } from "@hxp/engine";
import { checkEngine } from "@hxp/engine/conformance";

/** The smallest engine that one can write: it says the same to everybody, as long as they want to hear it. */
async function* generate({ maxTokens = 99 }: GenerateRequest, signal?: AbortSignal): AsyncGenerator<GenerateEvent> {
  let usage = { promptTokens: 5, cachedTokens: 0, completionTokens: 0 };
  if (signal?.aborted !== true) yield { type: "start", usage };
  for (let count = 1; count <= maxTokens; count += 1) {
    if (signal?.aborted === true) break;
    usage = { ...usage, completionTokens: count };
    yield { type: "text", text: "polly ", usage };
  }
  yield { type: "end", reason: signal?.aborted === true ? "aborted" : "length", usage };
}

const capabilities = {
  chat: false,
  completion: true,
  embeddings: false,
  tools: false,
  grammar: false,
  logprobs: false,
};
const ended = { stop: 0, length: 0, aborted: 0, failed: 0 };
const parrot: LoadedModel = {
  info: { description: "parrot", contextLength: 512, embeddingLength: 0, capabilities },
  generate,
  embed: () => Promise.reject(new Error("a parrot has no vectors")),
  countTokens: (text) => text.split(" ").length,
  metrics: () => ({
    running: 0,
    waiting: 0,
    cacheUsage: 0,
    promptTokens: 0,
    cachedTokens: 0,
    completionTokens: 0,
    ended,
  }),
  unload: () => Promise.resolve(),
};
const engine: Engine = {
  name: "parrot",
  plan: () => Promise.resolve({ weights: 0, cache: 0, compute: 0, host: 0, device: 0 }),
  load: () => Promise.resolve(parrot),
};

const load = { file: "none", contextLength: 512, sequences: 2, threads: 1, gpuLayers: 0, variant: "cpu" };
const results = await checkEngine(engine, { load, timeout: 1000 });
for (const { check, verdict, problem } of results) console.log(verdict, check, problem ?? "");
