import type { LoadContext, LoadOptions } from "@hxp/engine";
import { HxpError } from "@hxp/errors";
import type { Addon, AddonContext, AddonModel } from "../addon/addon.ts";
import type { ModelShape } from "../gguf/model-shape.ts";
import { fileInvalid } from "../gguf/read-gguf.ts";
import type { LlamaSettings } from "../plan/read-settings.ts";

/** What {@link openModel} needs beside the add-on. */
export interface OpenModelOptions {
  readonly shape: ModelShape;
  readonly options: LoadOptions;
  readonly settings: LlamaSettings;
  readonly context: LoadContext;
  /** The last lines of llama.cpp's log, for the error. */
  readonly readLog: () => string;
}

const meanPooling = 1;

/** Loads the weights. Throws MODEL_FILE_INVALID, or the reason of the signal when that was aborted. */
export async function openModel(addon: Addon, open: OpenModelOptions): Promise<AddonModel> {
  const { shape, options, settings } = open;
  const { signal, onProgress } = open.context;
  signal?.throwIfAborted();
  const model = new addon.AddonModel(options.file, {
    addonExports: addon,
    gpuLayers: options.gpuLayers,
    useMmap: settings.mmap,
    useMlock: settings.lockMemory,
    hasLoadAbortSignal: true,
    onLoadProgress: (share) => onProgress?.(share),
    // Where the file does not say how vectors of tokens become one, it is their mean.
    overridesList: shape.hasPooling ? [] : [[`${shape.architecture}.pooling_type`, meanPooling, 0]],
  });
  const onAbort = (): void => model.abortActiveModelLoad();
  signal?.addEventListener("abort", onAbort);
  try {
    await initModel(model, open);
    return model;
  } catch (error) {
    await model.dispose();
    throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

async function initModel(model: AddonModel, { options, context, readLog }: OpenModelOptions): Promise<void> {
  const isLoaded = await model.init();
  context.signal?.throwIfAborted();
  if (isLoaded) return;
  // The log comes from another thread, one turn later.
  await new Promise((resolve) => setTimeout(resolve, 20));
  throw fileInvalid(options.file, `llama.cpp says: ${readLog()}`);
}

/** Takes the memory of a context. Throws MODEL_MEMORY_EXCEEDED when there is not enough. */
export async function openContext(
  addon: Addon,
  model: AddonModel,
  size: {
    cells: number;
    sequences: number;
    batch: number;
    threads: number;
    embeddings: boolean;
    flashAttention: boolean;
  },
): Promise<AddonContext> {
  const context = new addon.AddonContext(model, {
    contextSize: size.cells,
    batchSize: size.batch,
    sequences: size.sequences,
    threads: size.threads,
    embeddings: size.embeddings,
    flashAttention: size.flashAttention && "auto",
  });
  if (await context.init()) return context;
  await context.dispose();
  const wanted = `${size.sequences} sequences with ${size.cells} tokens together`;
  throw new HxpError("MODEL_MEMORY_EXCEEDED", `llama.cpp could not make a context of ${wanted}`);
}
