import { setImmediate, setTimeout } from "node:timers/promises";
import type {
  Engine,
  EngineMetrics,
  GenerateEvent,
  GenerateRequest,
  LoadedModel,
  MemoryPlan,
  ModelInfo,
} from "@hxp/engine";

/** What a scripted engine does for one request: events in order, and what happens between them. */
export type Script = (request: GenerateRequest, signal: AbortSignal) => AsyncIterable<GenerateEvent>;

/** An engine for tests, with what it was asked. */
export interface ScriptedEngine extends Engine {
  readonly asked: GenerateRequest[];
  /** How many answers have ended, by their generator's own end or by a `return`. */
  ended(): number;
  unloaded(): boolean;
}

/** What {@link createScriptedEngine} takes. */
export interface ScriptedOptions {
  readonly script?: Script;
  readonly info?: Partial<ModelInfo>;
  readonly plan?: Partial<MemoryPlan>;
}

/** Makes an engine that does as it is told. Default: it answers `Hello there.` in three tokens. */
export function createScriptedEngine({
  script = say("Hello", " there", "."),
  info,
  plan,
}: ScriptedOptions = {}): ScriptedEngine {
  const asked: GenerateRequest[] = [];
  let ended = 0;
  let unloaded = false;
  let running = 0;
  async function* generate(
    request: GenerateRequest,
    signal = new AbortController().signal,
  ): AsyncGenerator<GenerateEvent> {
    asked.push(request);
    running += 1;
    try {
      yield* script(request, signal);
    } finally {
      ended += 1;
      running -= 1;
    }
  }
  const model: LoadedModel = {
    info: {
      description: "scripted",
      contextLength: 512,
      embeddingLength: 2,
      capabilities: { chat: true, completion: true, embeddings: true, tools: true, grammar: true, logprobs: true },
      ...info,
    },
    generate,
    embed: async ({ texts }) => ({ vectors: texts.map(() => [0.6, 0.8]), promptTokens: texts.length * 3 }),
    countTokens: (text) => text.length,
    metrics: (): EngineMetrics => ({
      running,
      waiting: 0,
      cacheUsage: 0,
      promptTokens: asked.length * 5,
      cachedTokens: 0,
      completionTokens: 0,
      ended: { stop: ended, length: 0, aborted: 0, failed: 0 },
    }),
    unload: async () => {
      unloaded = true;
    },
  };
  return {
    name: "scripted",
    asked,
    ended: () => ended,
    unloaded: () => unloaded,
    plan: async () => ({ weights: 100, cache: 400, compute: 10, host: 510, device: 0, ...plan }),
    load: async (_, { onProgress } = {}) => {
      onProgress?.(0.5);
      onProgress?.(1);
      return model;
    },
  };
}

const usage = (completionTokens: number) => ({ promptTokens: 5, cachedTokens: 2, completionTokens });

/** A script that says tokens, one after the other, and ends. */
export function say(...tokens: readonly string[]): Script {
  return async function* (request, signal) {
    yield { type: "start", usage: usage(0) };
    let count = 0;
    for (const text of tokens) {
      await setImmediate();
      if (signal.aborted) break;
      count += 1;
      const logprobs = request.topLogprobs === undefined ? {} : { logprobs: [chosen(text)] };
      yield { type: "text", text, usage: usage(count), ...logprobs };
    }
    yield { type: "end", reason: signal.aborted ? "aborted" : "stop", usage: usage(count) };
  };
}

/** A script that calls tools with the arguments `{}`, after some text. */
export function call(...names: readonly string[]): Script {
  return async function* () {
    yield { type: "start", usage: usage(0) };
    for (const [index, name] of names.entries()) {
      yield { type: "tool-call", call: { id: `call_${index}`, name, arguments: "{}" }, usage: usage(index + 1) };
    }
    yield { type: "end", reason: "tool_calls", usage: usage(names.length) };
  };
}

/** A script that says a token as often as it may, and ends for its length. */
export function sayToTheLimit(text: string): Script {
  return async function* ({ maxTokens = 512 }) {
    for (let count = 1; count <= maxTokens; count += 1) yield { type: "text", text, usage: usage(count) };
    yield { type: "end", reason: "length", usage: usage(maxTokens) };
  };
}

/** A script that says tokens for ever, as fast as they are taken, until it is aborted. */
export function sayForever(text: string): Script {
  return async function* (_, signal) {
    yield { type: "start", usage: usage(0) };
    let count = 0;
    while (!signal.aborted) {
      count += 1;
      yield { type: "text", text, usage: usage(count) };
      await setTimeout(1);
    }
    yield { type: "end", reason: "aborted", usage: usage(count) };
  };
}

function chosen(token: string) {
  const bytes = [...Buffer.from(token)];
  return { token, logprob: -0.5, bytes, top: [{ token, logprob: -0.5, bytes }] };
}
