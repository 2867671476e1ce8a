import { open } from "node:fs/promises";
import { HxpError, isHxpError, toHxpError } from "@hxp/errors";
import { HeaderIncomplete } from "./byte-reader.ts";
import type { ModelHeader } from "./model-header.ts";
import { readGguf } from "./read-gguf.ts";
import { readSafetensors } from "./read-safetensors.ts";

/** Largest header that is read. Tokenizers are in there: those of today take up to 20 MB. */
const mostBytes = 134_217_728;

/** Reads what a model's file says of itself. Throws MODEL_FILE_INVALID or MODEL_FILE_MISSING. */
export async function readHeader(file: string): Promise<ModelHeader> {
  try {
    await using handle = await open(file, "r");
    for (let length = 1_048_576; ; length *= 4) {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(length, mostBytes)), 0, undefined, 0);
      const header = parseHeader(buffer.subarray(0, bytesRead));
      if (header !== undefined) return header;
      if (bytesRead < length) throw new HxpError("MODEL_FILE_INVALID", `The file ${file} ends within its header.`);
    }
  } catch (error) {
    if (isHxpError(error)) throw error;
    throw new HxpError("MODEL_FILE_MISSING", `The model's file ${file} cannot be read: ${toHxpError(error).message}`, {
      cause: error,
    });
  }
}

/** Reads a header from a file's first bytes. Undefined: more bytes are needed. Throws MODEL_FILE_INVALID. */
export function parseHeader(bytes: Buffer): ModelHeader | undefined {
  const format = detectFormat(bytes);
  if (format === undefined) return undefined;
  try {
    return format === "gguf" ? readGguf(bytes) : readSafetensors(bytes);
  } catch (error) {
    if (error instanceof HeaderIncomplete && error.needed <= mostBytes) return undefined;
    if (isHxpError(error)) throw error;
    throw new HxpError("MODEL_FILE_INVALID", "The file's header is larger than that of any model.", { cause: error });
  }
}

/**
 * Tells the format by the first bytes, never by the name. Undefined: fewer than 9 bytes are at hand.
 * Throws MODEL_FORMAT_REFUSED for pickles and whatever else is neither GGUF nor safetensors: such files may hold code.
 */
export function detectFormat(bytes: Buffer): ModelHeader["format"] | undefined {
  if (bytes.length < 9) return undefined;
  if (bytes.subarray(0, 4).toString("latin1") === "GGUF") return "gguf";
  const headerLength = bytes.readBigUInt64LE();
  if (headerLength >= 2n && headerLength <= 100_000_000n && bytes[8] === 0x7b) return "safetensors";
  throw new HxpError("MODEL_FORMAT_REFUSED", `The file is ${guess(bytes)}, expected GGUF or safetensors.`);
}

function guess(bytes: Buffer): string {
  const start = bytes.subarray(0, 9).toString("latin1");
  if (start.startsWith("PK\u0003\u0004")) return "a ZIP archive, as PyTorch makes them (a pickle, which can run code)";
  if (bytes[0] === 0x80 && (bytes[1] ?? 255) <= 5) return "a Python pickle, which can run code";
  if (/^\s*</.test(start)) return "a web page";
  if (start.startsWith("version h")) return "a pointer of Git LFS";
  return "of an unknown format";
}
