import type { EngineMetrics, GenerateEvent, GenerateRequest, LoadedModel, ModelInfo } from "@hxp/engine";
import { HxpError } from "@hxp/errors";
import type { Addon, AddonContext, AddonModel } from "../addon/addon.ts";
import { createGrammarState } from "../constraint/grammar-state.ts";
import type { Embedder } from "../embed/create-embedder.ts";
import { prepareRequest, type PreparedRequest, type RequestModel } from "../prompt/prepare-request.ts";
import { createChooser } from "../schedule/create-chooser.ts";
import { toSamplerConfig } from "../schedule/sampler-config.ts";
import type { Scheduler } from "../schedule/scheduler.ts";
import { TextWriter } from "../text/text-writer.ts";
import { Answer } from "./answer.ts";
import { EventQueue } from "./event-queue.ts";

/** The parts of a model that was loaded. */
export interface LoadedParts extends RequestModel {
  readonly addon: Addon;
  readonly model: AddonModel;
  readonly info: ModelInfo;
  /** Undefined: the model only embeds. */
  readonly generation: Generation | undefined;
  readonly embedder: Embedder;
  /** Whether the tokenizer puts a space before an answer. */
  readonly dropsSpace: boolean;
}

/** What answers are computed with. */
export interface Generation {
  readonly context: AddonContext;
  readonly scheduler: Scheduler;
}

const noTokens = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };

/** Puts the parts together. Unloading disposes of them. */
export function createLoadedModel(parts: LoadedParts): LoadedModel {
  const running = new Map<Answer, () => void>();
  const ended = { stop: 0, length: 0, aborted: 0, failed: 0 };
  let unloading: Promise<void> | undefined;

  const begin = (
    request: GenerateRequest,
    prepared: PreparedRequest,
  ): { answer: Answer; events: EventQueue<GenerateEvent> } => {
    const events = new EventQueue<GenerateEvent>();
    const answer = createAnswer(parts, {
      request,
      prepared,
      events,
      onEnd: (reason) => {
        ended[reason === "tool_calls" ? "stop" : reason] += 1;
        running.delete(answer);
      },
    });
    return { answer, events };
  };

  async function* generate(
    request: GenerateRequest,
    signal?: AbortSignal,
  ): AsyncGenerator<GenerateEvent, void, undefined> {
    const { scheduler } = requireGeneration(parts, unloading !== undefined);
    const { answer, events } = begin(request, prepareRequest(request, parts));
    const abort = (): void => answer.abort(scheduler.cancel(answer));
    running.set(answer, abort);
    signal?.addEventListener("abort", abort);
    try {
      if (signal?.aborted === true) abort();
      else scheduler.add(answer);
      yield* events;
    } finally {
      signal?.removeEventListener("abort", abort);
      abort();
    }
  }

  const unload = async (): Promise<void> => {
    for (const abort of running.values()) abort();
    await parts.generation?.scheduler.close();
    await parts.embedder.close();
    await parts.generation?.context.dispose();
    await parts.model.dispose();
  };

  return {
    info: parts.info,
    generate,
    embed: (request, signal) => parts.embedder.embed(request, signal),
    countTokens: (text) => requireLoaded(parts, unloading !== undefined).vocabulary.tokenize(text, false).length,
    metrics: () => readMetrics(parts, ended),
    unload: () => (unloading ??= unload()),
  };
}

function requireGeneration(parts: LoadedParts, isUnloaded: boolean): Generation {
  const { generation } = requireLoaded(parts, isUnloaded);
  if (generation === undefined)
    throw new HxpError("ENGINE_UNSUPPORTED", "The model only makes embeddings: it writes no text");
  return generation;
}

function requireLoaded(parts: LoadedParts, isUnloaded: boolean): LoadedParts {
  if (isUnloaded) throw new HxpError("ENGINE_UNAVAILABLE", "The model was unloaded: it answers nothing more");
  return parts;
}

function createAnswer(
  parts: LoadedParts,
  {
    request,
    prepared,
    events,
    onEnd,
  }: {
    request: GenerateRequest;
    prepared: PreparedRequest;
    events: EventQueue<GenerateEvent>;
    onEnd: ConstructorParameters<typeof Answer>[0]["onEnd"];
  },
): Answer {
  const { addon, model, vocabulary, contextLength, generation } = parts;
  const config = toSamplerConfig(request.sampling, {
    vocabularySize: vocabulary.size,
    contextLength,
    banned:
      prepared.grammar === undefined
        ? []
        : [...vocabulary.controls.values()].filter((token) => !vocabulary.isEnd(token)),
  });
  return new Answer({
    id: request.id,
    prompt: prepared.prompt,
    maxTokens: prepared.maxTokens,
    withLogprobs: request.topLogprobs !== undefined,
    isEnd: (token) => vocabulary.isEnd(token),
    writer: new TextWriter(vocabulary, {
      stop: request.stop,
      dropsSpace: parts.dropsSpace && request.prompt.type === "chat",
      visible: prepared.visible,
    }),
    calls: prepared.calls,
    events,
    onEnd,
    createChooser: () => {
      if (generation === undefined) throw new Error("no context to generate in");
      // Only now: those that wait would each keep the memory of a grammar.
      const grammar = createGrammarState({ addon, model }, prepared.grammar);
      return createChooser({
        addon,
        model,
        context: generation.context,
        config: grammar === undefined ? config : { ...config, grammarEvaluationState: grammar },
        topLogprobs: request.topLogprobs,
      });
    },
  });
}

function readMetrics({ generation, embedder }: LoadedParts, ended: EngineMetrics["ended"]): EngineMetrics {
  const idle = { running: 0, waiting: 0, cacheUsage: 0, counts: noTokens };
  const { running, waiting, cacheUsage, counts } = generation?.scheduler ?? idle;
  const promptTokens = counts.promptTokens + embedder.promptTokens();
  return { running, waiting, cacheUsage, ...counts, promptTokens, ended: { ...ended } };
}
