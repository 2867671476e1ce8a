import { HxpError } from "@hxp/errors";

/** Reads numbers and texts from the beginning of a file, one after the other, all of them little-endian. */
export class ByteReader {
  #at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Takes the next bytes. Throws {@link HeaderIncomplete} where the bytes at hand end first. */
  take(count: number): Buffer {
    if (this.#at + count > this.#bytes.length) throw new HeaderIncomplete(this.#at + count);
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  number(bytes: 1 | 2 | 4): number {
    return this.take(bytes).readUIntLE(0, bytes);
  }

  /** A count of 64 bits. Throws MODEL_FILE_INVALID for one above `most`: no real file has it. */
  count(what: string, most: number): number {
    const value = this.take(8).readBigUInt64LE();
    if (value <= BigInt(most)) return Number(value);
    throw new HxpError(
      "MODEL_FILE_INVALID",
      `The file says that it has ${value} ${what}; at most ${most} are believed.`,
    );
  }

  text(most: number): string {
    return this.take(this.count("bytes in a text", most)).toString("utf8");
  }
}

/** More bytes of a file are needed than are at hand. */
export class HeaderIncomplete extends Error {
  /** Bytes from the file's beginning that are needed at least. */
  readonly needed: number;

  constructor(needed: number) {
    super(`At least ${needed} bytes are needed`);
    this.needed = needed;
  }
}
