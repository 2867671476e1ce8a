/** A value of the metadata, with its type. */
export type Entry =
  | readonly ["u32", number]
  | readonly ["f32", number]
  | readonly ["bool", boolean]
  | readonly ["string", string]
  | readonly ["strings", readonly string[]]
  | readonly ["i32s", readonly number[]];

/** A tensor of floats; the first dimension is the one that lies together. */
export interface Tensor {
  readonly name: string;
  readonly dimensions: readonly number[];
  readonly data: Float32Array;
}

const alignment = 32;
const typeIds = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 };

/** The bytes of a GGUF file, version 3. */
export function writeGguf(metadata: Readonly<Record<string, Entry>>, tensors: readonly Tensor[]): Buffer {
  const entries = Object.entries(metadata);
  let offset = 0;
  const infos = tensors.map(({ name, dimensions, data }) => {
    const info = Buffer.concat([
      text(name),
      u32(dimensions.length),
      ...dimensions.map((dimension) => u64(dimension)),
      u32(0),
      u64(offset),
    ]);
    offset += Math.ceil(data.byteLength / alignment) * alignment;
    return info;
  });
  const head = Buffer.concat([
    Buffer.from("GGUF"),
    u32(3),
    u64(tensors.length),
    u64(entries.length),
    ...entries.map(([key, entry]) => Buffer.concat([text(key), writeEntry(entry)])),
    ...infos,
  ]);
  return Buffer.concat([pad(head), ...tensors.map(({ data }) => pad(Buffer.from(data.buffer)))]);
}

function writeEntry(entry: Entry): Buffer {
  switch (entry[0]) {
    case "u32":
      return Buffer.concat([u32(typeIds.u32), u32(entry[1])]);
    case "f32":
      return Buffer.concat([u32(typeIds.f32), Buffer.from(Float32Array.of(entry[1]).buffer)]);
    case "bool":
      return Buffer.concat([u32(typeIds.bool), Buffer.of(entry[1] ? 1 : 0)]);
    case "string":
      return Buffer.concat([u32(typeIds.string), text(entry[1])]);
    case "strings":
      return Buffer.concat([u32(typeIds.array), u32(typeIds.string), u64(entry[1].length), ...entry[1].map(text)]);
    case "i32s":
    default:
      return Buffer.concat([u32(typeIds.array), u32(typeIds.i32), u64(entry[1].length), ...entry[1].map(u32)]);
  }
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function pad(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((alignment - (bytes.length % alignment)) % alignment)]);
}
