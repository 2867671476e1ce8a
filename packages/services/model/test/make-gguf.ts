/** What {@link makeGguf} writes into the header, beside the architecture `llama`. */
export interface GgufFacts {
  readonly contextLength?: number;
  readonly chatTemplate?: string;
  /** Bytes behind the header, in place of tensors. */
  readonly tail?: number;
}

/** Makes the bytes of a small GGUF file of version 3: a header and, in place of tensors, bytes that count up. */
export function makeGguf({
  contextLength = 256,
  chatTemplate = "{{ messages }}",
  tail = 1000,
}: GgufFacts = {}): Buffer {
  const tokens = ["<s>", "a", "b"];
  const keys = [
    [text("general.architecture"), uint32(8), text("llama")],
    [text("llama.context_length"), uint32(4), uint32(contextLength)],
    [text("general.alignment"), uint32(4), uint32(32)],
    [text("tokenizer.ggml.tokens"), uint32(9), uint32(8), uint64(tokens.length), ...tokens.map(text)],
    [text("tokenizer.ggml.scores"), uint32(9), uint32(6), uint64(tokens.length), Buffer.alloc(4 * tokens.length)],
    [text("tokenizer.chat_template"), uint32(8), text(chatTemplate)],
  ];
  const header = [Buffer.from("GGUF"), uint32(3), uint64(0), uint64(keys.length), ...keys.flat()];
  return Buffer.concat([...header, Buffer.from(Array.from({ length: tail }, (_, index) => index % 251))]);
}

/** Makes the bytes of a small safetensors file. */
export function makeSafetensors(): Buffer {
  const header = JSON.stringify({
    __metadata__: { format: "pt" },
    a: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
  });
  return Buffer.concat([uint64(header.length), Buffer.from(header), Buffer.alloc(8)]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

export function text(value: string): Buffer {
  return Buffer.concat([uint64(Buffer.byteLength(value)), Buffer.from(value)]);
}
