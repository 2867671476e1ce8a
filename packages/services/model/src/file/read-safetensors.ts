import { HxpError } from "@hxp/errors";
import { ByteReader } from "./byte-reader.ts";
import type { ModelHeader } from "./model-header.ts";

/** What the format's own reader takes at most: 100 MB. */
const mostHeader = 100_000_000;

/**
 * Reads the header of a safetensors file: its length in 64 bits, then JSON that names the tensors.
 * Throws MODEL_FILE_INVALID, and {@link HeaderIncomplete} where more bytes are needed.
 */
export function readSafetensors(bytes: Buffer): ModelHeader {
  const reader = new ByteReader(bytes);
  const text = reader.take(reader.count("bytes in its header", mostHeader)).toString("utf8");
  const tensors = parse(text);
  for (const [name, tensor] of Object.entries(tensors)) {
    if (name !== "__metadata__" && !isTensor(tensor)) {
      throw new HxpError(
        "MODEL_FILE_INVALID",
        `The safetensors header describes ${JSON.stringify(name.slice(0, 100))} as no tensor.`,
      );
    }
  }
  return { format: "safetensors", hasChatTemplate: false };
}

function parse(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Told below.
  }
  throw new HxpError("MODEL_FILE_INVALID", "The file's header is not that of safetensors: it is no JSON object.");
}

function isTensor(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>;
  return typeof dtype === "string" && areCounts(shape) && areCounts(offsets);
}

function areCounts(list: unknown): boolean {
  return Array.isArray(list) && list.every((each) => Number.isSafeInteger(each) && each >= 0);
}
