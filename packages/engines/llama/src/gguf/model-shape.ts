import type { GgufHeader, GgufTensor, GgufValue } from "./parse-gguf.ts";
import { fileInvalid } from "./read-gguf.ts";

/** What a GGUF file says of its model, as far as HXP needs it. */
export interface ModelShape {
  /** Such as `llama` or `qwen3`. */
  readonly architecture: string;
  readonly layers: number;
  readonly heads: number;
  /** Heads of keys and values, for each layer. */
  readonly kvHeads: readonly number[];
  /** Values of a key, and of a value, of one head. */
  readonly keyLength: number;
  readonly valueLength: number;
  readonly embeddingLength: number;
  readonly feedForwardLength: number;
  readonly vocabularySize: number;
  /** Tokens that the model was trained to see at once. */
  readonly contextLength: number;
  /** False for models that only embed. */
  readonly isCausal: boolean;
  /** Whether the file says how embeddings are pooled. */
  readonly hasPooling: boolean;
  readonly chatTemplate: string | undefined;
  /** Whether the tokenizer puts a space before a text. */
  readonly addsSpacePrefix: boolean;
  readonly tensors: readonly GgufTensor[];
}

const largestSize = 2 ** 31;

/** Reads the shape out of a file's head. Throws MODEL_FILE_INVALID when a key is missing or has no sensible value. */
export function readShape(header: GgufHeader, file: string): ModelShape {
  const { metadata } = header;
  const architecture = metadata.get("general.architecture");
  if (typeof architecture !== "string" || architecture === "") {
    throw fileInvalid(file, "its metadata lacks general.architecture, expected such as llama");
  }
  if (Number(metadata.get("split.count") ?? 1) > 1) {
    throw fileInvalid(file, "it is one part of several, expected a file that llama-gguf-split has merged");
  }
  const read = sizeReader(header, { file, architecture });
  const layers = read("block_count");
  const heads = read("attention.head_count");
  const embeddingLength = read("embedding_length");
  const keyLength = read("attention.key_length", Math.ceil(embeddingLength / heads));
  return {
    architecture,
    layers,
    heads,
    kvHeads: perLayer(metadata.get(`${architecture}.attention.head_count_kv`), { layers, fallback: heads }),
    keyLength,
    valueLength: read("attention.value_length", keyLength),
    embeddingLength,
    feedForwardLength: read("feed_forward_length", 4 * embeddingLength),
    vocabularySize: countTokens(metadata.get("tokenizer.ggml.tokens"), file),
    contextLength: read("context_length"),
    isCausal: metadata.get(`${architecture}.attention.causal`) !== false,
    hasPooling: metadata.has(`${architecture}.pooling_type`),
    chatTemplate: toText(metadata.get("tokenizer.chat_template")),
    addsSpacePrefix: metadata.get("tokenizer.ggml.add_space_prefix") !== false,
    tensors: header.tensors,
  };
}

function sizeReader(
  { metadata }: GgufHeader,
  { file, architecture }: { file: string; architecture: string },
): (key: string, fallback?: number) => number {
  return (key, fallback) => {
    const name = `${architecture}.${key}`;
    const value = largest(metadata.get(name)) ?? fallback;
    if (value !== undefined && Number.isInteger(value) && value > 0 && value < largestSize) return value;
    throw fileInvalid(file, `its metadata has ${String(value)} for ${name}, expected a positive integer`);
  };
}

function largest(value: GgufValue | undefined): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "object" || value.numbers === undefined) return undefined;
  return value.numbers.length === 0 ? undefined : Math.max(...value.numbers);
}

function perLayer(value: GgufValue | undefined, { layers, fallback }: { layers: number; fallback: number }): number[] {
  const numbers = typeof value === "object" ? value.numbers : undefined;
  const same = typeof value === "number" ? value : fallback;
  return Array.from({ length: Math.min(layers, 2 ** 16) }, (_, layer) => numbers?.[layer] ?? same);
}

function countTokens(value: GgufValue | undefined, file: string): number {
  if (typeof value === "object" && value.length > 0) return value.length;
  throw fileInvalid(file, "its metadata lacks tokenizer.ggml.tokens, expected the list of tokens");
}

function toText(value: GgufValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
