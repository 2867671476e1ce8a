import { availableParallelism } from "node:os";
import type { Engine, LoadedModel, LoadOptions } from "@hxp/engine";
import { HxpError } from "@hxp/errors";
import type { ServedModelConfig } from "@hxp/schema-model";
import { readHeader } from "../file/read-header.ts";
import { checkMemory } from "./check-memory.ts";
import { createEstimate } from "./estimate-remaining.ts";
import { readAvailableMemory } from "./read-available-memory.ts";
import { verifyFile } from "./verify-file.ts";

/** A model's file and the digest that it must have. */
export interface ModelFile {
  /** Absolute path. */
  readonly file: string;
  /** SHA-256; undefined: nobody has said what it must be. */
  readonly sha256?: string | undefined;
  /** File of the store that is held while the model is served, so that nobody removes it. */
  readonly use?: string | undefined;
}

/** What {@link loadModel} takes. */
export interface LoadModelOptions {
  readonly name: string;
  readonly engine: Engine;
  readonly config: ServedModelConfig;
  /** Undefined for engines that load none. */
  readonly model: ModelFile | undefined;
  /** Folder that remembers verified files. */
  readonly verified?: string | undefined;
  /** Reads the file even when it has not changed since it was verified. */
  readonly verify?: boolean | undefined;
  /** Default: what this computer says. */
  readonly availableMemory?: (() => Promise<number | undefined>) | undefined;
}

/** How a start tells what it does. */
export interface LoadProgress {
  phase(phase: string, remainingMs?: number): void;
  readonly signal: AbortSignal;
}

/**
 * Verifies a model's file, plans its memory, loads it and generates once, so that the first client does not pay for it.
 * Throws MODEL_DIGEST_MISMATCH, MODEL_FILE_MISSING, MODEL_MEMORY_EXCEEDED, MODEL_WARM_UP_FAILED, and what the engine throws.
 */
export async function loadModel(options: LoadModelOptions, progress: LoadProgress): Promise<LoadedModel> {
  const { name, engine, config } = options;
  await verify(options, progress);
  const load = await planLoad(options);
  progress.phase("planning memory");
  const plan = await engine.plan(load);
  const available = await (options.availableMemory ?? readAvailableMemory)();
  checkMemory({ name, plan, load, available, reserve: config.memoryReserve });
  const remaining = createEstimate();
  progress.phase("loading");
  const onProgress = (share: number): void => progress.phase("loading", remaining(share));
  const model = await engine.load(load, { signal: progress.signal, onProgress });
  progress.phase("warming up");
  try {
    await warmUp(model, progress.signal);
  } catch (error) {
    await model.unload();
    throw error;
  }
  return model;
}

async function verify({ model, verified, verify: force }: LoadModelOptions, progress: LoadProgress): Promise<void> {
  if (model?.sha256 === undefined) return;
  progress.phase("verifying");
  const remaining = createEstimate();
  await verifyFile({
    file: model.file,
    sha256: model.sha256,
    cache: verified,
    force,
    signal: progress.signal,
    onProgress: (share) => progress.phase("verifying", remaining(share)),
  });
}

/** Longest context that nobody asked for: its cache takes memory, whether it is used or not. */
const defaultContextLength = 8192;

async function planLoad({ config, model }: LoadModelOptions): Promise<LoadOptions> {
  const { contextLength, sequences, threads, gpuLayers, variant, chatTemplate, settings } = config;
  return {
    file: model?.file ?? "/dev/null",
    contextLength: contextLength ?? (await findContextLength(model)),
    sequences,
    threads: threads ?? Math.max(1, availableParallelism() - 1),
    gpuLayers,
    variant,
    ...(chatTemplate === undefined ? {} : { chatTemplate }),
    settings,
  };
}

async function findContextLength(model: ModelFile | undefined): Promise<number> {
  const known = model === undefined ? undefined : (await readHeader(model.file)).contextLength;
  return Math.min(known ?? defaultContextLength, defaultContextLength);
}

/** Generates one token: memory is touched, kernels are compiled, and what does not work at all fails here. */
async function warmUp(model: LoadedModel, signal: AbortSignal): Promise<void> {
  const { capabilities } = model.info;
  if (!capabilities.chat && !capabilities.completion) {
    await model.embed({ id: "warm-up", texts: ["warm-up"] }, signal);
    return;
  }
  const prompt = capabilities.chat
    ? ({ type: "chat", messages: [{ role: "user", content: "Hello" }] } as const)
    : ({ type: "text", text: "Hello" } as const);
  const sampling = { temperature: 0, topP: 1, topK: 0, minP: 0, presencePenalty: 0, frequencyPenalty: 0 };
  let tokens = 0;
  for await (const event of model.generate({ id: "warm-up", prompt, sampling, stop: [], maxTokens: 1 }, signal)) {
    if (event.type !== "start") tokens = event.usage.completionTokens;
  }
  signal.throwIfAborted();
  if (tokens === 0) throw new HxpError("MODEL_WARM_UP_FAILED", "The model generated no token when it was warmed up.");
}
