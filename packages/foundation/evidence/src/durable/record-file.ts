import {
  closeSync,
  existsSync,
  fdatasync,
  fdatasyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { HxpError } from "@hxp/errors";
import { syncFolder } from "./write-file-durably.ts";

/** An append-only file of JSON lines that is open for writing. One writer at a time: guard it with a lease. */
export interface RecordFile<T> {
  /** All records, oldest first, including those appended since it was opened. */
  readonly records: readonly T[];
  /** Adds records with one write and one fsync; when it returns they survive a power cut. */
  append(...records: T[]): void;
  /**
   * Adds a record at once and resolves when it survives a power cut. The process goes on meanwhile; what is added while
   * the disk is busy shares its next fsync. Once an fsync has failed, nothing more can be added until it is opened anew.
   */
  appendSoon(record: T): Promise<void>;
  /** Closes the file, after the fsync that is under way. */
  close(): void;
}

/** How lines of a record file are read. */
export interface RecordFileOptions<T> {
  /** Checks one parsed line and returns it typed; throws when it is not a record. Default: no check. */
  parse?: (line: unknown) => T;
  /** Forces a file's data to disk; default fdatasync. */
  sync?: (file: number) => Promise<void>;
  /** Writes bytes at the end of a file and returns how many it took, which may be fewer; default `writeSync`. */
  write?: (file: number, bytes: Uint8Array) => number;
}

/**
 * Opens (or makes) an append-only file of JSON lines. A last line that a kill left torn, without its line break or not
 * JSON, was never acknowledged and is cut off; any other line that is not a record throws RECORD_FILE_CORRUPT, also a
 * last one that is JSON but that `parse` refuses.
 */
export function openRecordFile<T>(path: string, options: RecordFileOptions<T> = {}): RecordFile<T> {
  const isNew = !existsSync(path);
  if (isNew) mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, "a+", 0o644);
  if (isNew) syncFolder(dirname(path));
  const { records, validBytes, tornBytes } = parseRecords(readFileSync(path), path, options.parse);
  if (tornBytes > 0) ftruncateSync(file, validBytes);
  let size = validBytes;
  const disk = shareSyncs(() => (options.sync ?? syncData)(file));
  const write = (bytes: Uint8Array): number => (options.write ?? writeSync)(file, bytes);
  return {
    records,
    append: (...added) => {
      disk.requireSound();
      const next = writeLines({ file, size, write }, added);
      takeBackOnError(file, size, () => fdatasyncSync(file));
      size = next;
      records.push(...added);
    },
    appendSoon: async (added) => {
      disk.requireSound();
      size = writeLines({ file, size, write }, [added]);
      records.push(added);
      await disk.sync();
    },
    close: () => disk.whenIdle(() => closeSync(file)),
  };
}

const syncData = promisify(fdatasync);

/** Reads a record file without opening it for writing; a torn last line is left out. A missing file has no records. */
export function readRecordFile<T>(path: string, options: RecordFileOptions<T> = {}): readonly T[] {
  return existsSync(path) ? parseRecords(readFileSync(path), path, options.parse).records : [];
}

interface Tail {
  file: number;
  size: number;
  write: (bytes: Uint8Array) => number;
}

function writeLines({ file, size, write }: Tail, added: readonly unknown[]): number {
  const bytes = Buffer.from(added.map((record) => `${JSON.stringify(record)}\n`).join(""));
  takeBackOnError(file, size, () => {
    for (let written = 0; written < bytes.length;) {
      const taken = write(bytes.subarray(written));
      if (taken === 0) throw new Error("the disk takes no more bytes");
      written += taken;
    }
  });
  return size + bytes.length;
}

/** A write that fell short (full disk) is cut off, so that the next one starts on a fresh line. */
function takeBackOnError(file: number, size: number, write: () => void): void {
  try {
    write();
  } catch (error) {
    ftruncateSync(file, size);
    throw error;
  }
}

/** One sync at a time; all who ask while it is under way get the next one, together. */
function shareSyncs(sync: () => Promise<void>) {
  let waiting: PromiseWithResolvers<void> | undefined;
  let failure: { error: unknown } | undefined;
  let isBusy = false;
  let onIdle: (() => void) | undefined;
  const requireSound = (): void => {
    if (failure !== undefined) throw failure.error;
  };
  const run = async (): Promise<void> => {
    while (waiting !== undefined) {
      const batch = waiting;
      waiting = undefined;
      try {
        requireSound();
        await sync();
        batch.resolve();
      } catch (error) {
        // The kernel may have dropped what it could not write, and would call the next sync a success.
        failure ??= { error };
        batch.reject(error);
      }
    }
    isBusy = false;
    onIdle?.();
  };
  return {
    requireSound,
    sync: (): Promise<void> => {
      waiting ??= Promise.withResolvers<void>();
      if (!isBusy) queueMicrotask(() => void run());
      isBusy = true;
      return waiting.promise;
    },
    whenIdle: (then: () => void): void => {
      if (isBusy) onIdle = then;
      else then();
    },
  };
}

function parseRecords<T>(bytes: Buffer, path: string, parse: ((line: unknown) => T) | undefined) {
  const records: T[] = [];
  let start = 0;
  while (start < bytes.length) {
    const end = bytes.indexOf(0x0a, start);
    if (end === -1) break;
    const line = readLine<T>(bytes.subarray(start, end), parse);
    if (!line.ok) {
      if (!line.isJson && end === bytes.length - 1) break;
      throw new HxpError("RECORD_FILE_CORRUPT", `${path}:${records.length + 1} is not a record: ${line.reason}`);
    }
    records.push(line.record);
    start = end + 1;
  }
  return { records, validBytes: start, tornBytes: bytes.length - start };
}

function readLine<T>(
  line: Buffer,
  parse: ((line: unknown) => T) | undefined,
): { ok: true; record: T } | { ok: false; isJson: boolean; reason: string } {
  let isJson = false;
  try {
    const value: unknown = JSON.parse(line.toString("utf8"));
    isJson = true;
    return { ok: true, record: parse === undefined ? (value as T) : parse(value) };
  } catch (error) {
    return { ok: false, isJson, reason: error instanceof Error ? error.message : String(error) };
  }
}
