import { crc32, inflateRawSync } from "node:zlib";
import { HxpError } from "@hxp/errors";
import { type Entry, fromBufferPromise } from "yauzl";

/** A file of an archive or folder. */
export interface SourceFile {
  /** For messages only: nothing is ever written under this name. */
  path: string;
  bytes: Buffer;
}

/** How much of a source is read; each is far beyond what OSV has. */
export interface SourceLimits {
  /** The zip itself, or all files of a folder together. */
  bytes: number;
  /** Number of files. */
  files: number;
  /** One file, unpacked. */
  fileBytes: number;
  /** All files, unpacked. */
  unpackedBytes: number;
}

/** The limits of {@link readZip}, and of folders. */
export const sourceLimits: SourceLimits = {
  bytes: 2 ** 30,
  files: 2_000_000,
  fileBytes: 2 ** 24,
  unpackedBytes: 2 ** 33,
};

const method = { stored: 0, deflated: 8 };

/** Reads the JSON files of a zip in memory, one after the other. Throws ADVISORY_SOURCE_INVALID for what is hostile or broken. */
export async function* readZip(zip: Buffer, limits: SourceLimits = sourceLimits): AsyncGenerator<SourceFile> {
  const archive = await asInvalid("it is no zip archive", () =>
    // Names are only shown, so the checks of names that yauzl makes for extraction do not apply.
    fromBufferPromise(zip, { lazyEntries: true, autoClose: false, decodeStrings: true, validateEntrySizes: true }),
  );
  if (archive.entryCount > limits.files) throw tooMuch(`${archive.entryCount} files`, `${limits.files}`);
  let left = limits.unpackedBytes;
  const entries = archive.eachEntry();
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- an archive is read in its order
    const next = await asInvalid("its directory is broken", () => entries.next());
    if (next.done === true) return;
    const entry = next.value;
    if (!entry.fileName.endsWith(".json")) continue;
    left -= entry.uncompressedSize;
    if (left < 0) throw tooMuch(`more than ${limits.unpackedBytes} bytes`, `${limits.unpackedBytes} unpacked bytes`);
    // oxlint-disable-next-line no-await-in-loop -- an archive is read in its order
    const { fileDataStart } = await asInvalid(`${entry.fileName} is broken`, () =>
      archive.readLocalFileHeaderPromise(entry, { minimal: true }),
    );
    yield { path: entry.fileName, bytes: unpack(zip, { entry, start: fileDataStart, limits }) };
  }
}

function unpack(zip: Buffer, { entry, start, limits }: { entry: Entry; start: number; limits: SourceLimits }): Buffer {
  const { fileName, compressedSize, uncompressedSize, compressionMethod } = entry;
  if (uncompressedSize > limits.fileBytes) {
    throw tooMuch(`${fileName} with ${uncompressedSize} bytes`, `${limits.fileBytes} bytes a file`);
  }
  if (entry.isEncrypted()) throw invalid(`${fileName} is encrypted`);
  const packed = zip.subarray(start, start + compressedSize);
  if (packed.length !== compressedSize) throw invalid(`${fileName} is cut off`);
  const bytes = compressionMethod === method.stored ? packed : inflate(packed, entry);
  if (bytes.length !== uncompressedSize || crc32(bytes) !== entry.crc32) {
    throw invalid(`${fileName} is not what the archive's directory says: its size or checksum is another`);
  }
  return bytes;
}

function inflate(packed: Buffer, { fileName, uncompressedSize, compressionMethod }: Entry): Buffer {
  if (compressionMethod !== method.deflated) {
    throw invalid(`${fileName} is packed by method ${compressionMethod}; expected 8, deflate`);
  }
  try {
    // One more than promised: a bomb stops there, and the size shows it.
    return inflateRawSync(packed, { maxOutputLength: uncompressedSize + 1 });
  } catch (cause) {
    throw invalid(`${fileName} cannot be unpacked to the ${uncompressedSize} bytes that it should have`, cause);
  }
}

async function asInvalid<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw invalid(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

function tooMuch(found: string, limit: string): HxpError {
  return invalid(`it has ${found}; at most ${limit} are read`);
}

function invalid(message: string, cause?: unknown): HxpError {
  return new HxpError("ADVISORY_SOURCE_INVALID", `The archive is refused: ${message}.`, { cause });
}
