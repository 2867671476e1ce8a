import type { Engine, LoadContext, LoadedModel, LoadOptions, MemoryPlan } from "@hxp/engine";
import { HxpError } from "@hxp/errors";
import type { Addon, AddonModel } from "./addon/addon.ts";
import { loadAddon, type LogLine } from "./addon/load-addon.ts";
import { createEmbedder, type Embedder } from "./embed/create-embedder.ts";
import { type ModelShape, readShape } from "./gguf/model-shape.ts";
import { readGguf } from "./gguf/read-gguf.ts";
import { createLoadedModel, type Generation } from "./load/create-loaded-model.ts";
import { openContext, openModel } from "./load/open-model.ts";
import { batchCells, cellsPerSequence, longestText, planMemory } from "./plan/plan-memory.ts";
import { type LlamaSettings, readSettings } from "./plan/read-settings.ts";
import { readChatTemplate } from "./prompt/chat-template.ts";
import { Scheduler } from "./schedule/scheduler.ts";
import { readVocabulary, type Vocabulary } from "./text/vocabulary.ts";

/** What {@link createLlamaEngine} takes. */
export interface LlamaEngineOptions {
  /** Takes the lines of llama.cpp's log that are warnings or errors. Default: none are shown. */
  readonly onLog?: ((line: LogLine) => void) | undefined;
  /** Imports the package of the add-on by name. Default `import()`. */
  readonly importPackage?: ((name: string) => Promise<unknown>) | undefined;
}

/**
 * Makes the embedded engine: llama.cpp in this process, on CPU or GPU, several requests at once. It loads the add-on with the first
 * model. Its settings are {@link LlamaSettings}.
 */
export function createLlamaEngine(engine: LlamaEngineOptions = {}): Engine {
  return {
    name: "llama",
    plan: async (options) => (await readPlan(options)).plan,
    load: async (options, context = {}) => load(engine, options, context),
  };
}

interface Plan {
  readonly shape: ModelShape;
  readonly settings: LlamaSettings;
  readonly plan: MemoryPlan;
}

async function readPlan(options: LoadOptions): Promise<Plan> {
  checkSizes(options);
  const settings = readSettings(options.settings);
  const shape = readShape(await readGguf(options.file), options.file);
  return { shape, settings, plan: planMemory(shape, options, settings) };
}

function checkSizes(options: LoadOptions): void {
  const sizes = { contextLength: 1, sequences: 1, threads: 1, gpuLayers: 0 } as const;
  for (const [name, least] of Object.entries(sizes)) {
    const value = options[name as keyof typeof sizes];
    if (!Number.isInteger(value) || value < least || value > 2 ** 24) {
      throw new HxpError(
        "ENGINE_REQUEST_INVALID",
        `The load option ${name} is ${value}, expected an integer from ${least}`,
      );
    }
  }
}

async function load(engine: LlamaEngineOptions, options: LoadOptions, context: LoadContext): Promise<LoadedModel> {
  context.signal?.throwIfAborted();
  const { shape, settings } = await readPlan(options);
  const lines: string[] = [];
  const addon = await loadAddon(options.variant, {
    importPackage: engine.importPackage,
    onLog: (line) => {
      lines.splice(0, Math.max(0, lines.length - 2), line.message);
      engine.onLog?.(line);
    },
  });
  const model = await openModel(addon, { shape, options, settings, context, readLog: () => lines.join("; ") });
  try {
    const loaded = await assemble({ addon, model, shape, settings, options });
    if (context.signal?.aborted !== true) return loaded;
    await loaded.unload();
    throw context.signal.reason;
  } catch (error) {
    await model.dispose();
    throw error;
  }
}

interface Opened {
  readonly addon: Addon;
  readonly model: AddonModel;
  readonly shape: ModelShape;
  readonly settings: LlamaSettings;
  readonly options: LoadOptions;
}

async function assemble(opened: Opened): Promise<LoadedModel> {
  const { addon, model, shape, options } = opened;
  const vocabulary = readVocabulary(model, shape.vocabularySize);
  const source = options.chatTemplate ?? shape.chatTemplate;
  const template = source === undefined || !shape.isCausal ? undefined : readChatTemplate(addon, source, vocabulary);
  const hasChat = template !== undefined;
  return createLoadedModel({
    addon,
    model,
    vocabulary,
    template,
    contextLength: options.contextLength,
    dropsSpace: shape.addsSpacePrefix && model.getVocabularyType() === 1,
    generation: shape.isCausal ? await openGeneration(opened) : undefined,
    embedder: openEmbedder(opened, vocabulary),
    info: {
      description: model.getModelDescription(),
      contextLength: options.contextLength,
      embeddingLength: model.getEmbeddingVectorSize(),
      capabilities: {
        chat: hasChat,
        completion: shape.isCausal,
        embeddings: true,
        tools: hasChat,
        grammar: shape.isCausal,
        logprobs: shape.isCausal,
      },
    },
  });
}

async function openGeneration({ addon, model, settings, options }: Opened): Promise<Generation> {
  const { sequences, contextLength, threads } = options;
  const batchSize = batchCells(settings, options);
  const context = await openContext(addon, model, {
    cells: cellsPerSequence(contextLength) * sequences,
    sequences,
    batch: batchSize,
    threads,
    embeddings: false,
    flashAttention: settings.flashAttention,
  });
  const { promptChunk } = settings;
  return { context, scheduler: new Scheduler({ context, sequences, contextLength, batchSize, promptChunk }) };
}

/** Mean vectors need all tokens of a text in one batch, in a context of its own. */
function openEmbedder({ addon, model, settings, options }: Opened, vocabulary: Vocabulary): Embedder {
  const longest = longestText(settings, options);
  const cells = cellsPerSequence(longest);
  const { threads } = options;
  return createEmbedder({
    vocabulary,
    longest,
    openContext: () =>
      openContext(addon, model, {
        cells,
        sequences: 1,
        batch: longest,
        threads,
        embeddings: true,
        flashAttention: false,
      }),
  });
}
