import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LoadOptions, Sampling } from "@hxp/engine";
import { type Entry, type Tensor, writeGguf } from "./write-gguf.ts";

/** What differs between tiny models. */
export interface TinyModel {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly feedForward: number;
  readonly contextLength: number;
  /** Words that are added to the 256 bytes, so that a vocabulary is large. */
  readonly words: number;
  readonly chatTemplate: string | undefined;
  /** More metadata, or other values. */
  readonly metadata: Readonly<Record<string, Entry>>;
}

/** Tokens of the model: control tokens first, then one for each byte. */
export const controls = ["<|bos|>", "<|im_start|>", "<|im_end|>"] as const;

export const chatMl =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}" +
  "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

const defaults: TinyModel = {
  layers: 2,
  width: 64,
  heads: 4,
  kvHeads: 2,
  feedForward: 128,
  contextLength: 2048,
  words: 0,
  chatTemplate: chatMl,
  metadata: {},
};

/** Writes a llama with random weights, always the same ones, of half a megabyte. */
export async function writeTinyModel(change: Partial<TinyModel> = {}): Promise<AsyncDisposable & { file: string }> {
  const folder = await mkdtemp(join(tmpdir(), "hxp-llama-"));
  const file = join(folder, "tiny.gguf");
  await writeFile(file, tinyModel(change));
  return { file, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

/** Options that load it. */
export function loadOptions(file: string, change: Partial<LoadOptions> = {}): LoadOptions {
  return { file, contextLength: 1024, sequences: 4, threads: 1, gpuLayers: 0, variant: "cpu", ...change };
}

/** Sampling that always takes the likeliest token. */
export const greedy: Sampling = {
  temperature: 0,
  topP: 1,
  topK: 0,
  minP: 0,
  presencePenalty: 0,
  frequencyPenalty: 0,
};

/** The bytes of a tiny model's file. */
export function tinyModel(change: Partial<TinyModel> = {}): Buffer {
  const model = { ...defaults, ...change };
  const tokens = [...controls, ...byteTokens(), ...Array.from({ length: model.words }, (_, index) => `word${index}`)];
  return writeGguf(metadataOf(model, tokens), tensorsOf(model, tokens.length));
}

function metadataOf(model: TinyModel, tokens: readonly string[]): Record<string, Entry> {
  return {
    "general.architecture": ["string", "llama"],
    "general.name": ["string", "tiny"],
    "llama.context_length": ["u32", model.contextLength],
    "llama.embedding_length": ["u32", model.width],
    "llama.block_count": ["u32", model.layers],
    "llama.feed_forward_length": ["u32", model.feedForward],
    "llama.attention.head_count": ["u32", model.heads],
    "llama.attention.head_count_kv": ["u32", model.kvHeads],
    "llama.attention.layer_norm_rms_epsilon": ["f32", 1e-5],
    "llama.rope.dimension_count": ["u32", model.width / model.heads],
    "llama.vocab_size": ["u32", tokens.length],
    "tokenizer.ggml.model": ["string", "gpt2"],
    "tokenizer.ggml.pre": ["string", "gpt-2"],
    "tokenizer.ggml.tokens": ["strings", tokens],
    "tokenizer.ggml.token_type": ["i32s", tokens.map((_, index) => (index < controls.length ? 3 : 1))],
    "tokenizer.ggml.merges": ["strings", ["h e"]],
    "tokenizer.ggml.bos_token_id": ["u32", 0],
    "tokenizer.ggml.eos_token_id": ["u32", 2],
    "tokenizer.ggml.add_bos_token": ["bool", false],
    ...(model.chatTemplate === undefined ? {} : { "tokenizer.chat_template": ["string", model.chatTemplate] }),
    ...model.metadata,
  };
}

function tensorsOf(model: TinyModel, vocabulary: number): Tensor[] {
  const { width, feedForward, layers } = model;
  const kvWidth = (width / model.heads) * model.kvHeads;
  const random = createRandom(7);
  const matrix = (name: string, inputs: number, outputs: number): Tensor => ({
    name,
    dimensions: [inputs, outputs],
    data: Float32Array.from({ length: inputs * outputs }, () => (random() - 0.5) * (4 / Math.sqrt(inputs))),
  });
  const norm = (name: string): Tensor => ({ name, dimensions: [width], data: new Float32Array(width).fill(1) });
  const blocks = Array.from({ length: layers }, (_, layer) => [
    norm(`blk.${layer}.attn_norm.weight`),
    matrix(`blk.${layer}.attn_q.weight`, width, width),
    matrix(`blk.${layer}.attn_k.weight`, width, kvWidth),
    matrix(`blk.${layer}.attn_v.weight`, width, kvWidth),
    matrix(`blk.${layer}.attn_output.weight`, width, width),
    norm(`blk.${layer}.ffn_norm.weight`),
    matrix(`blk.${layer}.ffn_gate.weight`, width, feedForward),
    matrix(`blk.${layer}.ffn_up.weight`, width, feedForward),
    matrix(`blk.${layer}.ffn_down.weight`, feedForward, width),
  ]);
  const output = matrix("output.weight", width, vocabulary);
  dampen(output.data, width);
  return [matrix("token_embd.weight", width, vocabulary), ...blocks.flat(), norm("output_norm.weight"), output];
}

/** What is not printable ASCII gets small logits: answers at temperature 0 are readable and do not end by themselves. */
function dampen(weights: Float32Array, width: number): void {
  for (let token = 0; token < weights.length / width; token += 1) {
    const byte = token - controls.length;
    if (byte >= 0x20 && byte < 0x7f) continue;
    for (let index = 0; index < width; index += 1) weights[token * width + index]! *= 0.1;
  }
}

/** The characters that GPT-2 writes for the 256 bytes. */
function byteTokens(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const prints = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xff && byte !== 0xad);
    return String.fromCodePoint(prints ? byte : next++);
  });
}

/** Numbers from 0 to 1 that are the same in each run (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
