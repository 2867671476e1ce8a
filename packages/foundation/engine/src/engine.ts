import type { EngineMetrics } from "./engine-metrics.ts";
import type { EmbedRequest, EmbedResult, GenerateEvent, GenerateRequest } from "./generate.ts";

/** What turns tokens into tokens: one implementation for each kind of engine. */
export interface Engine {
  /** Name of the kind, such as `llama` or `simulator`. */
  readonly name: string;
  /**
   * Says what loading will take, without loading: reads headers only.
   * Throws MODEL_FILE_INVALID when the file is not a model that this engine knows.
   */
  plan(options: LoadOptions): Promise<MemoryPlan>;
  /**
   * Loads a model, ready to generate. An aborted `signal` ends the load, frees what it took and throws the signal's reason.
   * Throws MODEL_FILE_INVALID, MODEL_MEMORY_EXCEEDED, ENGINE_UNAVAILABLE, or ENGINE_REQUEST_INVALID for a size or setting.
   */
  load(options: LoadOptions, context?: LoadContext): Promise<LoadedModel>;
}

/** What to load, and how large. Every size is decided by whoever calls: an engine guesses nothing. */
export interface LoadOptions {
  /** Absolute path of the model's file. */
  readonly file: string;
  /** Tokens that one sequence can hold, prompt and answer together. */
  readonly contextLength: number;
  /** Requests that are generated at the same time. */
  readonly sequences: number;
  /** Threads that compute. More than the processors that are free make it slower. */
  readonly threads: number;
  /** Layers that are kept on a GPU; 0: all on the CPU. */
  readonly gpuLayers: number;
  /** Build of the engine to use where it has several, such as `cpu`, `cuda` or `vulkan`. */
  readonly variant: string;
  /** Jinja template that makes a prompt of messages; default: the one in the model's file. */
  readonly chatTemplate?: string | undefined;
  /** Settings that only this kind of engine has; checked by it. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
}

/** What {@link Engine.load} may be given beside its options. */
export interface LoadContext {
  readonly signal?: AbortSignal | undefined;
  /** Called with the share that is loaded, from 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined;
}

/** Bytes that a loaded model will take. */
export interface MemoryPlan {
  /** The weights. */
  readonly weights: number;
  /** The keys and values of all sequences. */
  readonly cache: number;
  /** What computing needs beside them. */
  readonly compute: number;
  /** The sum that must fit into the computer's memory; the rest is on a GPU. */
  readonly host: number;
  /** The sum that must fit into a GPU's memory. */
  readonly device: number;
}

/** What a model can be asked for. */
export interface Capabilities {
  readonly chat: boolean;
  readonly completion: boolean;
  readonly embeddings: boolean;
  readonly tools: boolean;
  /** Output bound to a JSON schema or a grammar. */
  readonly grammar: boolean;
  readonly logprobs: boolean;
}

/** What is known of a loaded model. */
export interface ModelInfo {
  /** Architecture and kind of weights, in the engine's words. */
  readonly description: string;
  readonly contextLength: number;
  /** Length of an embedding; 0 where there are none. */
  readonly embeddingLength: number;
  readonly capabilities: Capabilities;
}

/** A model in memory. */
export interface LoadedModel {
  readonly info: ModelInfo;
  /**
   * Generates one answer; work begins when the first event is asked for. The events end with exactly one of type `end`,
   * which has the usage. An aborted `signal` frees the sequence before the next token; the last event is then `end` with
   * the reason `aborted` and the usage so far. Leaving the loop frees it, too. More requests than `sequences` wait in order.
   * Throws ENGINE_REQUEST_INVALID, ENGINE_CONTEXT_EXCEEDED, ENGINE_UNSUPPORTED, or ENGINE_UNAVAILABLE after an unload,
   * before the first event; ENGINE_FAILED at any time.
   */
  generate(request: GenerateRequest, signal?: AbortSignal): AsyncIterable<GenerateEvent>;
  /** Turns texts into vectors. Throws as {@link LoadedModel.generate}, or the reason of an aborted `signal`. */
  embed(request: EmbedRequest, signal?: AbortSignal): Promise<EmbedResult>;
  /** Number of tokens of a text, special tokens as plain text. */
  countTokens(text: string): number;
  metrics(): EngineMetrics;
  /** Ends what runs and waits with the reason `aborted`, and frees the memory. Once is enough; again does no harm. */
  unload(): Promise<void>;
}
