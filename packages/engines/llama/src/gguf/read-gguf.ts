import { type FileHandle, open } from "node:fs/promises";
import { HxpError, isHxpError } from "@hxp/errors";
import { BadBytes, OutOfBytes } from "./byte-reader.ts";
import { type GgufHeader, parseGguf } from "./parse-gguf.ts";

const firstWindow = 2 ** 20;
const largestHead = 2 ** 28;

/**
 * Reads the head of a GGUF file: metadata and the list of tensors, no weights. Throws MODEL_FILE_INVALID with the offset and
 * what was expected there, and FILE_UNREADABLE.
 */
export async function readGguf(file: string): Promise<GgufHeader> {
  try {
    await using handle = await open(file, "r");
    return await readHead(handle, file);
  } catch (cause) {
    if (isHxpError(cause)) throw cause;
    throw new HxpError("FILE_UNREADABLE", `The model file ${file} cannot be read: ${String(cause)}`, { cause });
  }
}

async function readHead(handle: FileHandle, file: string): Promise<GgufHeader> {
  const { size } = await handle.stat();
  for (let window = firstWindow; ; window *= 4) {
    const length = Math.min(window, size, largestHead);
    const bytes = await readStart(handle, length);
    try {
      return parseGguf(bytes, size);
    } catch (cause) {
      const isLast = length < window || length === size;
      if (!(cause instanceof OutOfBytes) || isLast) throw invalid(file, cause, length);
    }
  }
}

async function readStart(handle: FileHandle, length: number): Promise<Uint8Array> {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

function invalid(file: string, cause: unknown, length: number): unknown {
  if (cause instanceof OutOfBytes) {
    const found = length === largestHead ? "its head is longer than 256 MiB" : "it ends before its head does";
    return fileInvalid(file, `at byte ${length}: ${found}, expected a whole GGUF file`, cause);
  }
  if (cause instanceof BadBytes) return fileInvalid(file, `at byte ${cause.offset}: ${cause.message}`, cause);
  return cause;
}

/** MODEL_FILE_INVALID for a file. */
export function fileInvalid(file: string, problem: string, cause?: unknown): HxpError {
  return new HxpError("MODEL_FILE_INVALID", `${file} is not a model that llama.cpp can load, ${problem}`, {
    ...(cause === undefined ? {} : { cause }),
    details: { file },
    hint: "Fetch the file again, as GGUF version 2 or 3; its sha256 shows whether it arrived whole.",
  });
}
