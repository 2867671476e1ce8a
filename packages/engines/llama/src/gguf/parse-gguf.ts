import { BadBytes, ByteReader } from "./byte-reader.ts";
import { tensorTypes } from "./tensor-types.ts";

/** An array in the metadata: its items only where they are numbers and few. */
interface GgufArray {
  readonly length: number;
  readonly numbers: readonly number[] | undefined;
}

/** A value of the metadata. */
export type GgufValue = number | boolean | string | GgufArray;

/** One tensor of the file. */
export interface GgufTensor {
  readonly name: string;
  readonly dimensions: readonly number[];
  readonly type: string;
  readonly bytes: number;
}

/** What the head of a GGUF file says. */
export interface GgufHeader {
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly GgufTensor[];
}

const magic = 0x46_55_47_47;
const longestText = 2 ** 20;
const longestKey = 2 ** 16;
const mostEntries = 2 ** 16;
const mostDimensions = 4;
const mostKeptNumbers = 4096;
const arrayType = 9;
const stringType = 8;

const readScalar: Readonly<Record<number, (reader: ByteReader) => number | boolean>> = {
  0: (reader) => reader.u8(),
  1: (reader) => reader.i8(),
  2: (reader) => reader.u16(),
  3: (reader) => reader.i16(),
  4: (reader) => reader.u32(),
  5: (reader) => reader.i32(),
  6: (reader) => reader.f32(),
  7: (reader) => reader.u8() !== 0,
  10: (reader) => reader.u64(),
  11: (reader) => reader.i64(),
  12: (reader) => reader.f64(),
};

/**
 * Reads the head of a GGUF file (version 2 or 3) of `fileSize` bytes from its first bytes. Throws OutOfBytes when these are
 * too few, and BadBytes where they are not what the format says.
 */
export function parseGguf(bytes: Uint8Array, fileSize: number): GgufHeader {
  const reader = new ByteReader(bytes);
  if (reader.u32() !== magic) throw new BadBytes(0, "the file does not begin with GGUF");
  const version = reader.u32();
  if (version !== 2 && version !== 3) throw new BadBytes(4, `version ${version}, expected 2 or 3`);
  const tensorCount = readCount(reader, "tensors");
  const metadata = readMetadata(reader, readCount(reader, "metadata entries"));
  const infos = Array.from({ length: tensorCount }, () => readTensorInfo(reader));
  checkPlaces(infos, { start: dataStart(reader, metadata), fileSize });
  return { metadata, tensors: infos };
}

function readCount(reader: ByteReader, what: string): number {
  const at = reader.offset;
  const count = reader.u64();
  if (count > mostEntries) throw new BadBytes(at, `${count} ${what}, expected at most ${mostEntries}`);
  return count;
}

function readMetadata(reader: ByteReader, count: number): ReadonlyMap<string, GgufValue> {
  const metadata = new Map<string, GgufValue>();
  for (let index = 0; index < count; index += 1) {
    const at = reader.offset;
    const key = reader.string(longestKey);
    if (metadata.has(key)) throw new BadBytes(at, `the key ${JSON.stringify(key)} twice`);
    metadata.set(key, readValue(reader, reader.u32()));
  }
  return metadata;
}

function readValue(reader: ByteReader, type: number): GgufValue {
  if (type === stringType) return reader.string(longestText);
  if (type === arrayType) return readArray(reader);
  const read = readScalar[type];
  if (read === undefined) throw new BadBytes(reader.offset - 4, `a value of the type ${type}, expected 0 to 12`);
  return read(reader);
}

function readArray(reader: ByteReader): GgufArray {
  const at = reader.offset;
  const type = reader.u32();
  const length = reader.u64();
  if (type === stringType) {
    for (let index = 0; index < length; index += 1) reader.skipString(longestText);
    return { length, numbers: undefined };
  }
  const read = readScalar[type];
  if (read === undefined) throw new BadBytes(at, `an array of the type ${type}, expected numbers or texts`);
  const numbers: number[] = [];
  for (let index = 0; index < length; index += 1) {
    const value = read(reader);
    if (index < mostKeptNumbers) numbers.push(Number(value));
  }
  return { length, numbers: length <= mostKeptNumbers ? numbers : undefined };
}

interface PlacedTensor extends GgufTensor {
  readonly offset: number;
  readonly infoOffset: number;
}

function readTensorInfo(reader: ByteReader): PlacedTensor {
  const infoOffset = reader.offset;
  const name = reader.string(longestKey);
  const dimensionCount = reader.u32();
  if (dimensionCount > mostDimensions) {
    throw new BadBytes(
      infoOffset,
      `the tensor ${JSON.stringify(name)} has ${dimensionCount} dimensions, expected at most 4`,
    );
  }
  const dimensions = Array.from({ length: dimensionCount }, () => reader.u64());
  const typeId = reader.u32();
  const type = tensorTypes.get(typeId);
  if (type === undefined) {
    throw new BadBytes(infoOffset, `the tensor ${JSON.stringify(name)} has the unknown type ${typeId}`);
  }
  const values = dimensions.reduce((product, dimension) => product * dimension, 1);
  const bytes = (values / type.block) * type.bytes;
  if (!Number.isSafeInteger(bytes)) {
    throw new BadBytes(infoOffset, `the tensor ${JSON.stringify(name)} has no whole number of bytes`);
  }
  return { name, dimensions, type: type.name, bytes, offset: reader.u64(), infoOffset };
}

function dataStart(reader: ByteReader, metadata: ReadonlyMap<string, GgufValue>): number {
  const alignment = metadata.get("general.alignment") ?? 32;
  if (typeof alignment !== "number" || alignment < 1 || alignment > 2 ** 20) {
    throw new BadBytes(reader.offset, `general.alignment is ${JSON.stringify(alignment)}, expected a small number`);
  }
  return Math.ceil(reader.offset / alignment) * alignment;
}

function checkPlaces(tensors: readonly PlacedTensor[], place: { start: number; fileSize: number }): void {
  for (const { name, bytes, offset, infoOffset } of tensors) {
    const end = place.start + offset + bytes;
    if (end > place.fileSize) {
      const found = `the tensor ${JSON.stringify(name)} ends at byte ${end} of ${place.fileSize}: the file is cut off`;
      throw new BadBytes(infoOffset, found);
    }
  }
}
