import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, readFile, rm } from "node:fs/promises";
import { writeWhole } from "./model-store.ts";

/** What is known of a file of which a part was pulled. */
interface PartialState {
  /** What it is pulled from. */
  readonly address: string;
  readonly validator: string;
  /** Bytes that are on disk for sure: more may be in the file, but after a power cut they may be anything. */
  readonly synced: number;
}

/** After how many bytes the disk is waited for. */
const syncEvery = 16_777_216;

/** A file that is being pulled, with the digest of what is there. */
export class PartialFile {
  readonly path: string;
  readonly #statePath: string;
  readonly #address: string;
  #handle: FileHandle | undefined;
  #hash: Hash = createHash("sha256");
  #bytes = 0;
  #synced = 0;
  #validator: string | undefined;

  constructor(path: string, address: string) {
    this.path = path;
    this.#statePath = `${path}.json`;
    this.#address = address;
  }

  /** Bytes that are there. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What the part belongs to; undefined: it cannot be gone on with. */
  get validator(): string | undefined {
    return this.#validator;
  }

  /** Takes up what an earlier pull left, if it is from the same address: reads it again for its digest. */
  async resume(signal: AbortSignal): Promise<void> {
    const state = await this.#readState();
    this.#handle = await open(this.path, state === undefined ? "w+" : "r+");
    if (state === undefined) return;
    const { size } = await this.#handle.stat();
    const kept = Math.min(size, state.synced);
    await this.#handle.truncate(kept);
    if (kept > 0) {
      const stream = createReadStream(this.path, { end: kept - 1, highWaterMark: 1_048_576, signal });
      for await (const chunk of stream as AsyncIterable<Buffer>) this.#hash.update(chunk);
    }
    this.#bytes = kept;
    this.#synced = kept;
    this.#validator = state.validator;
  }

  /** Begins anew, with another version of the file. */
  async restart(validator: string | undefined): Promise<void> {
    await this.#open().truncate(0);
    this.#hash = createHash("sha256");
    this.#bytes = 0;
    this.#synced = 0;
    this.#validator = validator;
    await rm(this.#statePath, { force: true });
  }

  async append(chunk: Uint8Array): Promise<void> {
    let written = 0;
    while (written < chunk.length) {
      const { bytesWritten } = await this.#open().write(chunk, written, chunk.length - written, this.#bytes + written);
      written += bytesWritten;
    }
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes - this.#synced >= syncEvery) await this.sync();
  }

  /** Waits for the disk, and notes how far the file is there for sure. */
  async sync(): Promise<void> {
    if (this.#handle === undefined || this.#validator === undefined) return;
    await this.#handle.datasync();
    this.#synced = this.#bytes;
    const state: PartialState = { address: this.#address, validator: this.#validator, synced: this.#synced };
    await writeWhole(this.#statePath, JSON.stringify(state));
  }

  /** The first bytes, for telling the format. */
  async readStart(length: number): Promise<Buffer> {
    const { buffer, bytesRead } = await this.#open().read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  }

  /** SHA-256 of what is there, in hexadecimal digits. */
  digest(): string {
    return this.#hash.copy().digest("hex");
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }

  /** Removes file and state. */
  async discard(): Promise<void> {
    await this.close();
    await rm(this.path, { force: true });
    await this.forget();
  }

  /** Removes the state: the file has found its place. */
  async forget(): Promise<void> {
    await rm(this.#statePath, { force: true });
  }

  async #readState(): Promise<PartialState | undefined> {
    try {
      const state: unknown = JSON.parse(await readFile(this.#statePath, "utf8"));
      return isState(state) && state.address === this.#address ? state : undefined;
    } catch {
      return undefined;
    }
  }

  #open(): FileHandle {
    if (this.#handle === undefined) throw new Error(`${this.path} is not open`);
    return this.#handle;
  }
}

function isState(value: unknown): value is PartialState {
  if (typeof value !== "object" || value === null) return false;
  const { address, validator, synced } = value as Record<string, unknown>;
  return (
    typeof address === "string" && typeof validator === "string" && Number.isSafeInteger(synced) && Number(synced) >= 0
  );
}
