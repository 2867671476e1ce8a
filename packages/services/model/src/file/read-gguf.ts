import { HxpError } from "@hxp/errors";
import { ByteReader } from "./byte-reader.ts";
import type { ModelHeader } from "./model-header.ts";

const mostKeys = 65_536;
const mostTensors = 1_048_576;
const mostItems = 16_777_216;
const mostText = 1_048_576;

/** Sizes of GGUF's plain values, by their type: uint8, int8, uint16, int16, uint32, int32, float32, bool; 64 bits from 10 on. */
const sizes: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
const textType = 8;
const listType = 9;

/**
 * Reads the header of a GGUF file, version 2 or 3 (the format's own description: ggml/docs/gguf.md), as far as the facts
 * that are wanted. Throws MODEL_FILE_INVALID, and {@link HeaderIncomplete} where more bytes are needed.
 */
export function readGguf(bytes: Buffer): ModelHeader {
  const reader = new ByteReader(bytes);
  reader.take(4);
  const version = reader.number(4);
  if (version !== 2 && version !== 3) {
    throw new HxpError("MODEL_FILE_INVALID", `The file is GGUF of version ${version}, expected 2 or 3.`);
  }
  reader.count("tensors", mostTensors);
  const keys = reader.count("keys", mostKeys);
  const facts = new Map<string, unknown>();
  for (let index = 0; index < keys; index += 1) {
    const key = reader.text(mostText);
    const value = readValue(reader, reader.number(4));
    if (value !== undefined) facts.set(key, value);
  }
  const architecture = facts.get("general.architecture");
  const contextLength = facts.get(`${String(architecture)}.context_length`);
  return {
    format: "gguf",
    ...(typeof architecture === "string" ? { architecture: architecture.slice(0, 200) } : {}),
    ...(typeof contextLength === "number" && contextLength > 0 ? { contextLength } : {}),
    hasChatTemplate: facts.has("tokenizer.chat_template"),
  };
}

/** A text or a whole number; other values are passed over. */
function readValue(reader: ByteReader, type: number): string | number | undefined {
  if (type === textType) return reader.text(mostText);
  if (type === listType) return skipList(reader);
  const size = sizes[type];
  if (size === undefined)
    throw new HxpError("MODEL_FILE_INVALID", `The file has a value of type ${type}, which GGUF does not have.`);
  const value = reader.take(size);
  if (type === 4) return value.readUInt32LE();
  if (type === 10) return Number(value.readBigUInt64LE());
  return undefined;
}

function skipList(reader: ByteReader): undefined {
  const type = reader.number(4);
  const items = reader.count("items in a list", mostItems);
  const size = sizes[type];
  if (size !== undefined) {
    reader.take(size * items);
    return;
  }
  if (type !== textType)
    throw new HxpError("MODEL_FILE_INVALID", `The file has a list of type ${type}, which no model has.`);
  for (let index = 0; index < items; index += 1) reader.take(reader.count("bytes in a text", mostText));
}
