import type { LoadOptions, MemoryPlan } from "@hxp/engine";
import type { GgufTensor } from "../gguf/parse-gguf.ts";
import type { ModelShape } from "../gguf/model-shape.ts";
import type { LlamaSettings } from "./read-settings.ts";

const cellsStep = 256;
const bytesOfHalf = 2;
const bytesOfFloat = 4;

/** Cells that llama.cpp keeps for one sequence: it rounds a context up to whole blocks. */
export function cellsPerSequence(contextLength: number): number {
  return Math.ceil(contextLength / cellsStep) * cellsStep;
}

/** What a sequence's batch can hold: never more than its cells. */
export function batchCells(settings: LlamaSettings, options: LoadOptions): number {
  const cells = cellsPerSequence(options.contextLength) * options.sequences;
  return Math.max(options.sequences, Math.min(settings.batchSize, cells));
}

/**
 * What a model takes when it is loaded with these options. `weights` is the tensors' bytes; `cache` is layers × heads of keys and
 * values × length of both × cells × 2; `compute` is an upper estimate: the scores and the mask of attention, three rows of the
 * feed-forward network, eight of the model's width and one of the vocabulary, for each token of a batch. It has the context of
 * embeddings, too, which the first of them opens.
 */
export function planMemory(shape: ModelShape, options: LoadOptions, settings: LlamaSettings): MemoryPlan {
  const firstOnDevice = Math.max(shape.layers + 1 - options.gpuLayers, 0);
  const isOnDevice = (layer: number): boolean => layer >= firstOnDevice;
  const weights = planWeights(shape, isOnDevice);
  const cache = planCache(shape, { options, isOnDevice });
  const compute = planCompute(shape, options, settings) + planEmbedding(shape, options, settings);
  const usesDevice = options.gpuLayers > 0;
  return {
    weights: weights.host + weights.device,
    cache: cache.host + cache.device,
    compute,
    host: weights.host + cache.host + compute,
    device: weights.device + cache.device + (usesDevice ? compute : 0),
  };
}

interface Place {
  readonly host: number;
  readonly device: number;
}

function planWeights(shape: ModelShape, isOnDevice: (layer: number) => boolean): Place {
  const onDevice = shape.tensors.filter((tensor) => isOnDevice(layerOf(tensor, shape.layers)));
  const all = sumBytes(shape.tensors);
  const device = sumBytes(onDevice);
  return { host: all - device, device: device + copiedEmbedding(shape, isOnDevice) };
}

/** A model without an output matrix uses its input matrix; where the output is on the GPU, that is a second copy. */
function copiedEmbedding(shape: ModelShape, isOnDevice: (layer: number) => boolean): number {
  const hasOutput = shape.tensors.some(({ name }) => name === "output.weight");
  if (hasOutput || !isOnDevice(shape.layers)) return 0;
  return sumBytes(shape.tensors.filter(({ name }) => name === "token_embd.weight"));
}

function layerOf({ name }: GgufTensor, layers: number): number {
  const layer = /^blk\.(\d+)\./.exec(name)?.[1];
  if (layer !== undefined) return Number(layer);
  return name.startsWith("output") ? layers : -1;
}

function planCache(
  shape: ModelShape,
  { options, isOnDevice }: { options: LoadOptions; isOnDevice: (layer: number) => boolean },
): Place {
  const cells = cellsPerSequence(options.contextLength) * options.sequences;
  const bytes = shape.kvHeads.map((heads) => heads * (shape.keyLength + shape.valueLength) * cells * bytesOfHalf);
  const all = bytes.reduce((sum, size) => sum + size, 0);
  const device = bytes.filter((_, layer) => isOnDevice(layer)).reduce((sum, size) => sum + size, 0);
  return { host: all - device, device };
}

function planCompute(shape: ModelShape, options: LoadOptions, settings: LlamaSettings): number {
  const rows = batchCells(settings, options);
  const cells = cellsPerSequence(options.contextLength);
  const scores = settings.flashAttention ? cells : cells * (shape.heads + 1);
  const width = 3 * shape.feedForwardLength + 8 * shape.embeddingLength;
  const outputs = options.sequences * (shape.vocabularySize + shape.embeddingLength);
  return bytesOfFloat * (rows * (scores + width + shape.vocabularySize) + outputs);
}

/** Most tokens of a text to embed: all of them are computed at once. */
export function longestText(settings: LlamaSettings, options: LoadOptions): number {
  return Math.min(options.contextLength, settings.batchSize);
}

/** Keys and values of one text, and its attention in several passes. */
function planEmbedding(shape: ModelShape, options: LoadOptions, settings: LlamaSettings): number {
  const rows = longestText(settings, options);
  const cells = cellsPerSequence(rows);
  const heads = shape.kvHeads.reduce((sum, count) => sum + count, 0);
  const cache = heads * (shape.keyLength + shape.valueLength) * cells * bytesOfHalf;
  const width = 3 * shape.feedForwardLength + 8 * shape.embeddingLength + shape.vocabularySize;
  return cache + bytesOfFloat * rows * (cells * (shape.heads + 1) + width);
}

function sumBytes(tensors: readonly GgufTensor[]): number {
  return tensors.reduce((sum, { bytes }) => sum + bytes, 0);
}
